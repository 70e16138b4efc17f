using Ringfence.Lists;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>The columns of one list, sorted by what they tell.</summary>
internal sealed class ListPlan
{
    private readonly IReadOnlyList<ColumnReading> read;

    /// <param name="columns">All columns.</param>
    /// <param name="isRead">Which of them are read; null: all.</param>
    public ListPlan(IReadOnlyList<ColumnReading> columns, Func<ColumnReading, bool>? isRead = null)
    {
        Columns = columns;
        read = isRead is null ? columns : [.. columns.Where(isRead)];
        Id = Of(ListField.Id).FirstOrDefault(-1);
        Country = Of(ListField.Country).FirstOrDefault(-1);
        State = Of(ListField.State).FirstOrDefault(-1);
        Source = Of(ListField.Source).FirstOrDefault(-1);
        Company = Of(ListField.Company).FirstOrDefault(-1);
        Names = [.. Of(ListField.Name), .. Of(ListField.GivenName), .. Of(ListField.FamilyName)];
        Phones = [.. Of(ListField.Phone), .. Of(ListField.OtherPhone)];
        Emails = [.. Of(ListField.Email), .. Of(ListField.OtherEmail)];
        Consents = [.. Readings(ListField.Consent)];
        Refusals = [.. Readings(ListField.Refusal)];
        Dates =
        [
            .. Evidence(ListField.ConsentAt), .. Evidence(ListField.ConsentUntil), .. Readings(ListField.LastActivity),
            .. Readings(ListField.CreatedAt), .. Readings(ListField.BornOn),
        ];
        Wordings = [.. Evidence(ListField.ConsentWording)];
        Methods = [.. Evidence(ListField.ConsentMethod)];
        Ages = [.. Of(ListField.Age)];
        Minors = [.. Of(ListField.Minor)];
        FreeTexts = [.. Of(ListField.Notes), .. Of(ListField.Source).Skip(1), .. Of(ListField.ConsentMethod)];
        foreach (var consent in Consents)
            ConsentCells |= consent.Channels;
        foreach (var date in Readings(ListField.ConsentAt))
            ConsentDates |= date.Channels;
        Asides =
        [
            .. read.Where(static c => c.Field is ListField.Company or ListField.None && !c.Header.StartsWith("ringfence_", StringComparison.OrdinalIgnoreCase))
                .Select(static c => c.Index),
        ];
    }

    /// <summary>How each column was understood.</summary>
    public IReadOnlyList<ColumnReading> Columns { get; }

    public int Id { get; }

    public int Country { get; }

    public int State { get; }

    public int Source { get; }

    public int Company { get; }

    public int[] Names { get; }

    /// <summary>Number columns, the main one first.</summary>
    public int[] Phones { get; }

    public int[] Emails { get; }

    public ColumnReading[] Consents { get; }

    public ColumnReading[] Refusals { get; }

    public ColumnReading[] Dates { get; }

    public ColumnReading[] Wordings { get; }

    public ColumnReading[] Methods { get; }

    public int[] Ages { get; }

    /// <summary>Columns whose yes says that the person is under age.</summary>
    public int[] Minors { get; }

    /// <summary>Columns in which a refusal may stand in plain words, beside <see cref="Source"/>.</summary>
    public int[] FreeTexts { get; }

    /// <summary>Columns about something else, in which somebody may have written a refusal all the same.</summary>
    public int[] Asides { get; }

    /// <summary>Channels with a column of their own for the day of the consent.</summary>
    public ChannelSet ConsentDates { get; }

    /// <summary>Channels with a consent column of their own.</summary>
    public ChannelSet ConsentCells { get; }

    /// <summary>
    /// The columns of a field that belongs to a consent: those without a channel first, for what names one counts more; and one about
    /// the phone is also about the messages to it that have no column of their own.
    /// </summary>
    private IEnumerable<ColumnReading> Evidence(ListField field)
    {
        var named = Readings(field).Aggregate(ChannelSet.None, static (set, column) => set | column.Channels);
        return Readings(field).OrderBy(static c => c.Channels != ChannelSet.None)
            .Select(c => c.Channels.Has(Channel.Voice) ? c with { Channels = c.Channels | ((ChannelSet.Sms | ChannelSet.Whatsapp) & ~named) } : c);
    }

    private IEnumerable<ColumnReading> Readings(ListField field) => read.Where(c => c.Field == field);

    private IEnumerable<int> Of(ListField field) => Readings(field).Select(c => c.Index);
}

/// <summary>A cell or row that could not be read, for <c>rejected.csv</c>.</summary>
/// <param name="Column">Position of the column, from 0; -1 for the row as a whole.</param>
/// <param name="Code">What is wrong: a <see cref="Numbers.NumberFault"/> word, <c>invalid-email</c>, <c>unclear-date</c>, <c>unclear-age</c>, or a <see cref="RowFault"/> code.</param>
internal readonly record struct RejectedCell(int Column, string Code);
