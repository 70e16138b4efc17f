using Ringfence.Server.Cli;

namespace Ringfence.Server.Hosting;

/// <summary><c>ringfence serve --print-config</c>: what is in force, and what says so. Secrets are not shown.</summary>
internal static class ConfigurationPage
{
    /// <summary>Writes it: key, value and where that is from, tabs between; nothing where nothing is said.</summary>
    public static void Write(Configuration configuration, IReadOnlyList<Setting> settings, bool json, TextWriter to)
    {
        if (!json)
        {
            foreach (var setting in settings)
            {
                var (value, from) = configuration.InForce(setting);
                to.WriteLine($"{setting.Key}\t{value}\t{(from.Length > 0 ? from : CliText.Say("Config.Default"))}");
            }

            return;
        }

        to.WriteLine(CliJson.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var setting in settings)
            {
                var (value, from) = configuration.InForce(setting);
                writer.WriteStartObject();
                writer.WriteString("key", setting.Key);
                writer.WriteString("variable", setting.Variable);
                writer.WriteString("option", setting.Option?.Name);
                writer.WriteString("value", value.Length > 0 ? value : null);
                writer.WriteString("from", from.Length > 0 ? from : null);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }));
    }
}
