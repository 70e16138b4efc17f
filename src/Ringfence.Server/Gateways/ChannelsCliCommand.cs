using System.CommandLine;
using System.Security.Cryptography;
using Ringfence.Gateways;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Gateways;

/// <summary><c>ringfence channels</c>: by which gateways messages leave, and whether they do.</summary>
internal static class ChannelsCliCommand
{
    public static Command Create(TimeProvider time) => new("channels", CliText.Say("Channels.Description")) { List(time), Test(time) };

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Channels.List.Description")).OnStore();
        command.SetAction((parsed, _) => StoreArguments.GuardAsync(() =>
        {
            using var gateways = Open(time);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartArray();
                    foreach (var setting in gateways.All.Select(static one => one.Setting))
                    {
                        json.WriteStartObject();
                        json.WriteString("name", setting.Name);
                        json.WriteString("kind", WordOf(setting.Kind));
                        json.WriteStartArray("channels");
                        foreach (var channel in WordsOf(setting))
                            json.WriteStringValue(channel);
                        json.WriteEndArray();
                        json.WriteStartArray("controllers");
                        foreach (var controller in setting.Controllers)
                            json.WriteStringValue(controller);
                        json.WriteEndArray();
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                }));
                return Task.FromResult(Exit.Done);
            }

            foreach (var setting in gateways.All.Select(static one => one.Setting))
                Console.Out.WriteLine(string.Join('\t', setting.Name, WordOf(setting.Kind), string.Join(',', WordsOf(setting)), setting.Controllers.Count == 0 ? "*" : string.Join(',', setting.Controllers)));
            foreach (var one in gateways.File.Inbound)
                Console.Out.WriteLine(string.Join('\t', "<", ChannelsFile.KindWord(one.Kind), one.Controller));
            return Task.FromResult(Exit.Done);
        }));
        return command;
    }

    private static Command Test(TimeProvider time)
    {
        var name = new Argument<string>("GATEWAY") { Description = CliText.Say("Channels.Argument.GATEWAY") };
        var to = new Argument<string>("POINT") { Description = CliText.Say("Channels.Argument.POINT") };
        var command = new Command("test", CliText.Say("Channels.Test.Description")) { name, to }.OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(async () =>
        {
            using var gateways = Open(time);
            var gateway = gateways.All.FirstOrDefault(one => one.Setting.Name == parsed.GetValue(name));
            if (gateway is null || !ContactPoint.TryRead(parsed.GetValue(to)!, Region.None, out var point) || Channels.All.Where(channel => gateway.Setting.Channels.Has(channel) && point.Channels.Has(channel)).ToList() is not [var channel, ..])
            {
                Terminal.Error(CliText.Say(gateway is null ? "Channels.NoGateway" : "Channels.NoPoint", gateway is null ? parsed.GetValue(name)! : string.Join(',', WordsOf(gateway.Setting))));
                return Exit.Unusable;
            }

            var delivery = await gateway.SendAsync(OutMessage.Of("test_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), channel, point, CliText.Say("Channels.TestText"), CliText.Say("Channels.TestText")), cancel);
            var code = delivery switch { Delivery.Refused refused => refused.Code, Delivery.Later later => later.Code, Delivery.Accepted accepted => accepted.Reference, _ => "" };
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("outcome", delivery.Word);
                    json.WriteString(delivery is Delivery.Accepted ? "reference" : "code", code);
                    json.WriteEndObject();
                }));
            }
            else
            {
                Console.Out.WriteLine(CliText.Say(delivery is Delivery.Accepted ? "Channels.Accepted" : delivery is Delivery.Later ? "Channels.Later" : "Channels.Refused", code));
            }

            return delivery is Delivery.Accepted ? Exit.Done : Exit.No;
        }));
        return command;
    }

    private static GatewaySet Open(TimeProvider time) => GatewaySet.Of(Environment.GetEnvironmentVariable, time);

    private static IEnumerable<string> WordsOf(GatewaySetting setting) => Channels.All.Where(channel => setting.Channels.Has(channel)).Select(static channel => channel.Word());

    private static string WordOf(GatewayKind kind) => kind switch { GatewayKind.File => "file", GatewayKind.Smtp => "smtp", GatewayKind.Kannel => "kannel", GatewayKind.Whatsapp => "whatsapp", _ => throw new ArgumentOutOfRangeException(nameof(kind)) };
}
