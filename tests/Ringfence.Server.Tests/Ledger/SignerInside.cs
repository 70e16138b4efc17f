using System.IO.Pipelines;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>A signer in this process, asked as the one in its own process is: tests that are about something else need not wait for a process to start.</summary>
internal static class SignerInside
{
    public static SignerClient Open(string folder, bool adopt = false) => new(() => Reach(folder, adopt));

    private static (Stream Input, Stream Output) Reach(string folder, bool adopt)
    {
        var (there, back) = (new Pipe(), new Pipe());
        var signer = OpenWhenFree(folder, adopt);
        _ = Task.Run(async () =>
        {
            using (signer)
                await new SignerDesk(signer).AnswerAsync(there.Reader.AsStream(), back.Writer.AsStream(), CancellationToken.None);
        });
        return (back.Reader.AsStream(), there.Writer.AsStream());
    }

    // The one before ends when its streams do, which nobody waits for.
    private static Signer OpenWhenFree(string folder, bool adopt)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return Signer.Open(folder, adopt);
            }
            catch (SignerException e) when (e.Code == "in-use" && tries < 100)
            {
                Thread.Sleep(50);
            }
        }
    }

    /// <summary>As an installation asks for it.</summary>
    public static SignerClient InKeys(string keys) => Open(Path.Combine(keys, "signer"));
}
