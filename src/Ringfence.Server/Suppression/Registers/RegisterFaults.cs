using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>Why no register came of some files, in words.</summary>
internal static class RegisterFaults
{
    /// <summary>A sentence that says what is amiss with the files or the register; null: it is neither.</summary>
    public static string? Of(Exception fault) => fault switch
    {
        RegisterDamagedException e => CliText.Say("Register.Fault." + e.Code),
        RegisterOrderException e => CliText.Say("Register.Order." + e.Code, e.What),
        UnreadableListException e => CliText.SayOr("Unreadable." + e.Code, "Unreadable.not-a-list", [.. e.Arguments]),
        Ringfence.Lists.ColumnMapException e => CliText.Say("Map." + e.Code, e.Word, string.Join(", ", e.Known)),
        FileNotFoundException or DirectoryNotFoundException => CliText.Say("File.Missing", fault is FileNotFoundException { FileName: { } file } ? file : fault.Message),
        InvalidDataException => CliText.Say("ReadWrite", fault.Message),
        _ => null,
    };
}
