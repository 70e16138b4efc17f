using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.Server.Lists;

/// <summary>The words of a row beside its facts, for whoever keeps contacts and not only counts them. Filled anew by each row.</summary>
internal sealed class RowTexts
{
    // The same few texts stand in these columns again and again, and are kept once.
    private readonly CellMemo<string> repeated = new(static cell => cell.Trim().ToString());
    private readonly List<PhoneNumber> numbers = [];
    private readonly List<string> emails = [];
    private readonly string?[] wordings = new string?[EvidenceSlots.Count];
    private readonly string?[] methods = new string?[EvidenceSlots.Count];

    public string? WholeName { get; private set; }

    public string? GivenName { get; private set; }

    public string? FamilyName { get; private set; }

    public string? Company { get; private set; }

    /// <summary>Valid numbers, none twice, the one to call first.</summary>
    public IReadOnlyList<PhoneNumber> ValidNumbers => numbers;

    /// <summary>E-mail addresses in lower case, none twice, the one to write to first.</summary>
    public IReadOnlyList<string> Emails => emails;

    /// <summary>What the source cell says.</summary>
    public string? SourceWords { get; private set; }

    /// <summary>Channels asked about without an answer yet.</summary>
    public ChannelSet Pending { get; private set; }

    /// <summary>Channels whose consent cell can't be read as an answer.</summary>
    public ChannelSet Unclear { get; private set; }

    /// <summary>The words agreed to.</summary>
    public string? WordingOf(EvidenceSlot slot) => wordings[(int)slot];

    /// <summary>How the yes was given.</summary>
    public string? MethodOf(EvidenceSlot slot) => methods[(int)slot];

    /// <summary>Forgets the row before.</summary>
    public void Clear()
    {
        (WholeName, GivenName, FamilyName, Company, SourceWords) = (null, null, null, null, null);
        (Pending, Unclear) = (ChannelSet.None, ChannelSet.None);
        numbers.Clear();
        emails.Clear();
        wordings.AsSpan().Clear();
        methods.AsSpan().Clear();
    }

    public void Name(ListField field, ReadOnlySpan<char> cell)
    {
        cell = cell.Trim();
        if (cell.IsEmpty)
            return;
        if (field == ListField.GivenName)
            GivenName ??= cell.ToString();
        else if (field == ListField.FamilyName)
            FamilyName ??= cell.ToString();
        else
            WholeName ??= cell.ToString();
    }

    public void OfCompany(ReadOnlySpan<byte> cell) => Company = cell.IsEmpty ? null : repeated[cell];

    /// <summary>Takes what is valid; what is only offered is a guess.</summary>
    public void Numbers(CellNumber cell)
    {
        if (cell.IsValid)
            Add(cell.Number);
        Add(cell.Second);
    }

    public void Email(ReadOnlySpan<char> address)
    {
        // Source: RFC 5321 2.4 leaves the case of a local part to its host; no host in use tells addresses apart by it.
        var folded = string.Create(address.Length, address, static (to, from) => from.ToLowerInvariant(to));
        if (!emails.Contains(folded))
            emails.Add(folded);
    }

    public void Source(ReadOnlySpan<byte> cell) => SourceWords = cell.IsEmpty ? null : repeated[cell];

    public void Consent(ConsentCell cell, ChannelSet ofColumn)
    {
        var channels = cell.Channels != ChannelSet.None ? cell.Channels : ofColumn != ChannelSet.None ? ofColumn : ListedConsent.OfGeneralYes;
        if (cell.Answer == Answer.Pending)
            Pending |= channels;
        else if (cell.Answer == Answer.Unknown)
            Unclear |= channels;
    }

    public void Wording(EvidenceSlot slot, ReadOnlySpan<byte> cell) => wordings[(int)slot] = repeated[cell];

    public void Method(ChannelSet channels, ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty)
            return;
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            if (RowReader.IsMeant(channels, (EvidenceSlot)slot))
                methods[slot] = repeated[cell];
        }
    }

    private void Add(PhoneNumber number)
    {
        if (number.Digits != 0 && !numbers.Contains(number))
            numbers.Add(number);
    }
}
