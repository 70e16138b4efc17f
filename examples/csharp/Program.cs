// Asks Ringfence before somebody is contacted. .NET 10, no packages.

using AskFirst;

var to = args.Length > 0 ? args[0] : "ann@example.org";
using var ringfence = new RingfenceClient(
    Environment.GetEnvironmentVariable("RINGFENCE_URL") ?? "http://127.0.0.1:5080",
    Environment.GetEnvironmentVariable("RINGFENCE_KEY") ?? throw new InvalidOperationException("RINGFENCE_KEY is not set."));
try
{
    var written = await ringfence.PostAsync("consents", new
    {
        to,
        wording = "letters@2026-11",
        language = "en",
        residence = "GB",
        evidence = new
        {
            format = "ringfence/consent-evidence/v1",
            method = "checkbox",
            page = "https://ringmuster.example/form",
            ip = "203.0.113.7",
            device = "Firefox",
        },
    });
    Console.WriteLine("consent written");

    var question = new { to, channel = "email", purpose = "offers" };
    Console.WriteLine($"decision {(await ringfence.PostAsync("decisions", question)).GetProperty("verdict")}");

    // A permit is for one contact, now. None is given where the verdict is not "allowed".
    var answer = await ringfence.PostAsync("permits", question);
    if (!answer.TryGetProperty("permit", out var permit))
        throw new InvalidOperationException($"No permit: {answer.GetProperty("reasons")[0].GetProperty("code")}");
    Console.WriteLine("permit given");
    await ringfence.PostAsync($"permits/{permit}/redeem"); // throws: nothing is sent
    Console.WriteLine("redeemed: now it is sent");

    try
    {
        await ringfence.PostAsync($"permits/{permit}/redeem");
    }
    catch (RingfenceProblemException problem) when (problem.Code == "permit-used")
    {
        Console.WriteLine($"redeemed again: {problem.Code}");
    }

    await ringfence.PostAsync($"permits/{permit}/outcome", new { outcome = "delivered" });
    Console.WriteLine("outcome written");

    await ringfence.PostAsync("withdrawals", new { to, way = "one-click" });
    Console.WriteLine("withdrawal written");
    var refused = await ringfence.PostAsync("decisions", question);
    Console.WriteLine($"decision {refused.GetProperty("verdict")}: {refused.GetProperty("reasons")[0].GetProperty("code")}");
    var timeline = await ringfence.GetAsync($"contacts/{written.GetProperty("sid")}/timeline");
    Console.WriteLine($"timeline: {timeline.GetProperty("records").GetArrayLength()} records");
    return 0;
}
catch (RingfenceProblemException problem)
{
    await Console.Error.WriteLineAsync($"{problem.Status} {problem.Code}: {problem.Message}");
    return 1;
}
