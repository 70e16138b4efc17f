using System.Text;
using Ringfence.Verify;

using var said = new StringWriter { NewLine = "\n" };
var exit = Verification.Run(args, said, Environment.GetEnvironmentVariable);
try
{
    using var output = Console.OpenStandardOutput();
    output.Write(new UTF8Encoding(false).GetBytes(said.ToString()));
}
catch (IOException)
{
    // Nobody reads any more; the exit code says it all the same.
}

return exit;
