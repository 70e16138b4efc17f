using System.CommandLine;
using Ringfence.Server.Numbers;

var root = new RootCommand("Permission-first phone marketing.") { NumbersCommand.Create() };
return root.Parse(args).Invoke();
