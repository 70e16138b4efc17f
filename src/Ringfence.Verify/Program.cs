using System.Text;
using Ringfence.Verify;

using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { NewLine = "\n" };
return Verification.Run(args, output, Environment.GetEnvironmentVariable);
