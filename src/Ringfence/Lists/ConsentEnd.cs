using System.Collections.Frozen;

namespace Ringfence.Lists;

/// <summary>Reads what stands in the place of a day up to which a consent holds.</summary>
public static class ConsentEnd
{
    // As letters and digits alone, in their folded spelling.
    private static readonly FrozenSet<string> Open = FrozenSet.ToFrozenSet(
        ((string[])
        [
            "unlimited", "indefinite", "indefinitely", "no end", "no expiry", "no expiration", "does not expire", "doesnt expire", "never", "never expires", "none",
            "open", "open ended", "perpetual", "permanent", "forever", "lifetime", "until revoked", "until withdrawn", "until further notice", "until opt out",
            "until unsubscribed", "unbefristet", "unbegrenzt", "ohne ende", "kein ablauf", "nie", "offen", "dauerhaft", "bis auf widerruf", "bis widerruf",
            "bis zum widerruf", "illimité", "indéterminé", "indéterminée", "sans fin", "sans limite", "jamais", "jusqu'à retrait", "jusqu'au retrait",
            "jusqu'à révocation", "indefinido", "ilimitado", "sin fin", "sin límite", "nunca", "hasta revocación", "illimitato", "indeterminato", "senza scadenza",
            "nessuna scadenza", "mai", "fino a revoca", "indeterminado", "sem fim", "sem prazo", "até revogação", "onbepaald", "onbeperkt", "nooit",
            "tot wederopzegging", "bezterminowo", "bezterminowa", "nigdy", "永久", "长期", "長期", "长期有效", "长期有效期", "无期限", "無期限", "不限", "无限期", "至撤回",
            "撤回前有效", "永久有效",
        ]).Select(static word => CellText.Key(word)),
        StringComparer.Ordinal);

    /// <summary>Whether a cell says in words that there is no end: <c>unlimited</c>, <c>until revoked</c>, <c>unbefristet</c>, 永久; or holds nothing. Never throws.</summary>
    public static bool IsOpen(ReadOnlySpan<char> cell) =>
        ConsentCell.Read(cell).Answer == Answer.Blank || cell.Length <= 60 && (cell.Trim() is "∞" || Open.Contains(CellText.Key(cell)));
}
