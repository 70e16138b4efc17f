using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Server.Lists;

/// <summary>Draws the report up from what a run found.</summary>
internal sealed class AuditReporting(
    AuditOptions options, ContactStore contacts, PlaceTable places, Linking linking, IReadOnlyList<ReadList> lists, AuditTally tally)
{
    /// <summary>The report.</summary>
    public AuditReport Report()
    {
        var people = new PeopleTally(options, contacts, places, linking, tally);
        people.Count();
        var channels = options.Channels.Select((_, c) => Channel(c, people)).ToList();
        return new AuditReport
        {
            Ringfence = typeof(AuditReporting).Assembly.GetName().Version?.ToString(3) ?? "",
            AsOf = options.AsOf,
            Controller = options.Controller,
            Turnover = options.Turnover,
            InactiveAfterMonths = options.InactiveAfterMonths,
            Files = [.. lists.Select(File)],
            Rows = contacts.Count,
            UnreadableRows = people.Unreadable,
            RejectedLines = tally.RejectedLines,
            Channels = channels,
            Numbers = people.Numbers(),
            Duplicates = people.Duplicates(),
            Refusals = people.Refusals(),
            Places = people.Places(),
            Sources = people.Sources(),
            ConsentAges = people.ConsentAges(),
            Exposure = Exposure.Estimate(people.Exposed, options.AsOf, options.Turnover),
            Uncounted = Exposure.Uncounted(people.Exposed, options.AsOf),
            NextSteps = NextSteps(channels),
            NotChecked = NotChecked(),
        };
    }

    private static AuditedFile File(ReadList list) => new(
        list.Name, list.Format, list.Separator?.ToString(), list.Encoding, list.Sheet, list.Bytes, list.Sha256, list.Rows, list.HasHeader,
        list.Plan.Columns, list.IsSuppression);

    private ChannelTally Channel(int c, PeopleTally people)
    {
        var sum = tally.Grades;
        var reasons = new List<ReasonTally>();
        foreach (var grade in AuditWords.AllGrades)
        {
            var ofGrade = AuditWords.AllReasons
                .Select((reason, r) => new ReasonTally(grade, reason, sum.Reasons[c, (int)grade, r]))
                .Where(static t => t.Rows > 0)
                .OrderByDescending(static t => t.Rows);
            reasons.AddRange(ofGrade);
        }

        return new ChannelTally(
            options.Channels[c], sum.Grades[c, (int)AuditGrade.Usable], sum.Grades[c, (int)AuditGrade.Reconfirm],
            sum.Grades[c, (int)AuditGrade.Never], sum.Grades[c, (int)AuditGrade.Fix], people.UsablePoints[(int)options.Channels[c]], reasons,
            sum.WouldBeUsable[c]);
    }

    private List<NextStep> NextSteps(List<ChannelTally> channels)
    {
        var steps = new List<NextStep>();
        foreach (var c in channels.Where(static c => c.Never > 0))
            steps.Add(new NextStep("suppress", c.Channel, c.Never, AuditFiles.Name(c.Channel, AuditGrade.Never)));
        if (options.Controller is null && channels.Count > 0 && channels.Max(static c => c.WouldBeUsable) is var would && would > 0)
            steps.Add(new NextStep("name-sender", null, would, null));
        foreach (var c in channels.Where(static c => c.Usable > 0))
            steps.Add(new NextStep("use", c.Channel, c.Usable, AuditFiles.Name(c.Channel, AuditGrade.Usable)));
        foreach (var c in channels.Where(static c => c.Reconfirm > 0))
        {
            var bought = c.Reasons.FirstOrDefault(static r => r is { Grade: AuditGrade.Reconfirm, Reason: AuditReasons.ThirdPartySource })?.Rows ?? 0;
            var file = AuditFiles.Name(c.Channel, AuditGrade.Reconfirm);
            if (c.Reconfirm > bought)
                steps.Add(new NextStep("ask-again", c.Channel, c.Reconfirm - bought, file));
            if (bought > 0)
                steps.Add(new NextStep("prove-source", c.Channel, bought, file));
        }

        foreach (var c in channels.Where(static c => c.Fix > 0))
            steps.Add(new NextStep("fix", c.Channel, c.Fix, AuditFiles.Name(c.Channel, AuditGrade.Fix)));
        if (tally.RejectedLines > 0)
            steps.Add(new NextStep("read-rejected", null, tally.RejectedLines, "rejected.csv"));

        // What must be done first for all channels comes first.
        var order = new[] { "suppress", "name-sender", "use", "ask-again", "prove-source", "fix", "read-rejected" };
        return [.. steps.OrderBy(step => Array.IndexOf(order, step.Code))];
    }

    private List<string> NotChecked()
    {
        // What this list in particular leaves open comes first, then what no list can tell.
        var list = new List<string>();
        if (options.Controller is null)
            list.Add("sender");
        if (lists.All(static l => l.Plan.Source < 0))
            list.Add("source");
        if (!lists.Any(static l => l.Plan.Columns.Any(static c => c.Field is ListField.BornOn or ListField.Age or ListField.Minor)))
            list.Add("age");
        list.AddRange(["registers", "reassigned-numbers", "in-service", "hours", "frequency", "evidence", "business-numbers", "licences"]);
        return list;
    }
}
