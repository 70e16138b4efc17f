namespace Ringfence.Server.Tests.Gate;

/// <summary>What the ledger can't know of a contact, and whoever asks has to state: a campaign in which all is as it should be, so that what is on record decides.</summary>
internal static class CampaignFacts
{
    /// <summary>Of messages in bulk.</summary>
    public static readonly string Bulk = Of();

    /// <summary>As JSON, which is what files of facts may be, too.</summary>
    /// <param name="technique">Null: not stated.</param>
    /// <param name="registers">What lists of others say, in JSON; null: not stated.</param>
    public static string Of(string? technique = "bulk", string subject = "solar", string agent = "mary.smith", string campaign = "june", string? registers = "{}") => $$"""
        { "ask": { "class": "marketing", "promotes": false,{{(technique is null ? "" : $" \"technique\": \"{technique}\",")}} "sector": "other", "subject": "{{subject}}",
            "callerId": { "shown": true, "entitled": true, "directory": true, "answered": true, "registered": true }, "script": "complete",
            "template": { "category": "marketing", "status": "approved", "holds": "complete", "registered": true, "optOutLiveUntil": "2031-01-01" },
            "agent": { "id": "{{agent}}", "trained": true, "registered": true }, "campaign": { "id": "{{campaign}}", "abandonedPercent": 0, "selectedBy": [] } },
          "contact": { "audience": "b2c", "age": "adult", "verified": true, "reassigned": { "answer": "no" }, "unlisted": false, "relation": [] },
          "history": [], "seller": { "country": "GB", "registrations": [{ "place": "any", "kind": "any" }], "balancingTest": true, "impactAssessment": true, "is": [] },
          "status": { "emergency": false }, "rightsRequests": []{{(registers is null ? "" : $", \"registers\": {registers}")}} }
        """;
}
