namespace Ringfence.Server.Pages;

/// <summary>One room of the house, as the sidebar and the palette name it.</summary>
/// <param name="Key">Its word: <c>contacts</c>; the text <c>Room.KEY</c> names it.</param>
/// <param name="Path">Below the controller.</param>
/// <param name="Icon">Its symbol.</param>
/// <param name="Right">Who sees it.</param>
/// <param name="Group">The text under which it stands; null: above all groups.</param>
/// <param name="Letter">Goes there, after <c>g</c>.</param>
internal sealed record Room(string Key, string Path, string Icon, Ringfence.Staff.Right Right, string? Group, char? Letter);
