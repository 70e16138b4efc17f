using System.Text;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Ringfence.Rules.Packs;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>Rules that a controller has of its own, read: house rules, or a pack of law in the place of the one that ships.</summary>
/// <param name="Kind"><see cref="RulesInForce.House"/> or <see cref="RulesInForce.Law"/>.</param>
/// <param name="Name">What house rules call themselves, or the folder of the pack.</param>
/// <param name="Document">As they are kept.</param>
/// <param name="House">Null: a pack of law.</param>
/// <param name="Pack">Null: house rules.</param>
internal sealed record OwnRules(string Kind, string Name, byte[] Document, HouseRules? House, PackFiles? Pack)
{
    public static OwnRules Of(HouseRules house, string text) => new(RulesInForce.House, house.Name, Encoding.UTF8.GetBytes(text), house, null);

    public static OwnRules Of(PackFiles pack) => new(RulesInForce.Law, pack.Name, pack.Document, null, pack);

    /// <summary>Reads what is kept.</summary>
    /// <exception cref="RuleFileException">House rules are not in order.</exception>
    /// <exception cref="RuleArchiveException">It is no pack, or of a kind that this program does not know.</exception>
    public static OwnRules Read(RuleChangeRow row, byte[] document) => row.Kind switch
    {
        RulesInForce.House => Of(HouseRules.Read(row.Name + ".yaml", Encoding.UTF8.GetString(document)), Encoding.UTF8.GetString(document)),
        RulesInForce.Law => Of(PackFiles.Read(row.Name, document)),
        _ => throw new RuleArchiveException("unreadable", row.Name),
    };

    /// <summary>Whether a change is one of these rules.</summary>
    public bool IsOf(RuleChangeRow row) => row.Kind == Kind && row.Name == Name;
}
