using System.Globalization;
using Ringfence.Server.Tests;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Sealing;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Tests.Suppression;

// Some tests kill a process of their own. It is this program again, told by its first argument what to do.
if (args is [RotatingProcess.Argument, var folder])
    return await RotatingProcess.RunAsync(folder);
if (args is [SuppressionRotatingProcess.Argument, var list])
    return await SuppressionRotatingProcess.RunAsync(list);
if (args is [ErasingProcess.Argument, var house, var sid, var step])
    return await ErasingProcess.DoAsync(house, sid, step);
if (args is [ImportingProcess.Argument, var place, var lists, var rows])
    return await ImportingProcess.DoAsync(place, lists, long.Parse(rows, CultureInfo.InvariantCulture));
if (args is [AcknowledgingProcess.Argument, var home, var first, var each, var what])
    return await AcknowledgingProcess.DoAsync(home, int.Parse(first, CultureInfo.InvariantCulture), int.Parse(each, CultureInfo.InvariantCulture), onlyNo: what == "no");
if (args is [CopyingProcess.Argument, var copied, var data, var copyStep, var newEpoch])
    return await CopyingProcess.DoAsync(copied, data, copyStep, newEpoch);

// What xunit would generate.
return args.Any(static argument => argument is "--server" or "--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
