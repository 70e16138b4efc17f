namespace Ringfence.Server.Pages;

/// <summary>A form as it is shown, the first time or again: what was typed, and what is amiss beside which field. Nothing that was typed is lost.</summary>
public sealed class FormState
{
    private readonly Dictionary<string, IReadOnlyList<string>> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> faults = new(StringComparer.Ordinal);

    /// <summary>What stands in a field; null: nothing.</summary>
    public string? this[string name] => values.TryGetValue(name, out var all) && all.Count > 0 ? all[0] : null;

    /// <summary>What is amiss, by field, in the order in which it was found.</summary>
    public IReadOnlyDictionary<string, string> Faults => faults;

    /// <summary>Whether nothing is.</summary>
    public bool IsSound => faults.Count == 0;

    /// <summary>What is amiss with a field; null: nothing.</summary>
    public string? Fault(string name) => faults.GetValueOrDefault(name);

    /// <summary>Whether a box or a choice was ticked.</summary>
    public bool Has(string name, string value) => values.TryGetValue(name, out var all) && all.Contains(value);

    /// <summary>Keeps what a field holds.</summary>
    public string? Keep(string name, string? value)
    {
        if (value is not null)
            values[name] = [value];
        return value;
    }

    /// <summary>Keeps what was ticked.</summary>
    public IReadOnlyList<string> Keep(string name, IReadOnlyList<string> ticked)
    {
        values[name] = ticked;
        return ticked;
    }

    /// <summary>Says what is amiss with a field; the first word stands.</summary>
    public void Blame(string name, string why) => faults.TryAdd(name, why);
}
