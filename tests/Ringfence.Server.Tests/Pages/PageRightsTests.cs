using Ringfence.Server.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Pages;

/// <summary>What a page does and which right it takes, said a second time by hand: the list that is served could be wrong, and every test that goes by it with it.</summary>
public sealed class PageRightsTests
{
    public static TheoryData<string, string, Right> Rights => new()
    {
        { "GET", "team", Right.ManageStaff },
        { "POST", "team/invite", Right.ManageStaff },
        { "POST", "team/{id}/roles", Right.ManageStaff },
        { "POST", "team/{id}/suspend", Right.ManageStaff },
        { "POST", "team/{id}/restore", Right.ManageStaff },
        { "POST", "team/{id}/way-back", Right.ManageStaff },
        { "GET", "approvals", Right.LiftSuppression },
        { "POST", "approvals", Right.LiftSuppression },
        { "POST", "approvals/{id}", Right.LiftSuppression },
        { "GET", "keys", Right.ManageKeys },
        { "POST", "keys", Right.ManageKeys },
        { "POST", "keys/{id}/revoke", Right.ManageKeys },
        { "GET", "contacts", Right.ListContacts },
        { "POST", "contacts", Right.ListContacts },
        { "POST", "contacts/export", Right.ListContacts | Right.ExportContacts },
        { "POST", "contacts/find", Right.FindContact },
        { "POST", "contacts/ask", Right.FindContact | Right.AskGate },
        { "GET", "contacts/{id}", Right.FindContact },
        { "POST", "contacts/{id}/number", Right.FindContact },
        { "POST", "contacts/{id}/ask", Right.FindContact | Right.AskGate },
        { "POST", "gate/find", Right.SeeGate },
        { "POST", "gate/ask", Right.AskGate },
        { "POST", "registers/load", Right.LoadRegisters },
        { "POST", "imports", Right.AuditLists },
        { "POST", "imports/{id}/reading", Right.AuditLists },
        { "POST", "imports/{id}/columns", Right.AuditLists },
        { "GET", "imports/{id}/rows", Right.AuditLists },
        { "GET", "imports/{id}/rejected", Right.AuditLists },
        { "POST", "imports/{id}/files", Right.AuditLists },
        { "POST", "imports/{id}/choose", Right.Import },
        { "POST", "imports/{id}/undo", Right.Import },
        { "POST", "imports/{id}/drop", Right.AuditLists },
        { "POST", "contacts/{id}/consent", Right.FindContact | Right.RecordConsent },
        { "POST", "contacts/{id}/confirm", Right.FindContact | Right.RecordConsent },
        { "POST", "consents/new", Right.FindContact | Right.RecordConsent },
        { "POST", "consents", Right.FindContact | Right.RecordConsent },
        { "POST", "contacts/{id}/withdraw", Right.FindContact | Right.Withdraw },
        { "POST", "withdrawals/new", Right.FindContact | Right.Withdraw },
        { "POST", "withdrawals", Right.FindContact | Right.Withdraw },
        { "POST", "contacts/{id}/suppress", Right.FindContact | Right.Suppress },
        { "POST", "contacts/{id}/merge/preview", Right.FindContact | Right.Merge },
        { "POST", "contacts/{id}/merge", Right.FindContact | Right.Merge },
        { "POST", "contacts/{id}/unmerge", Right.FindContact | Right.Merge },
        { "GET", "contacts/{id}/prove", Right.FindContact | Right.ExportPerson },
        { "POST", "contacts/{id}/prove", Right.FindContact | Right.ExportPerson },
        { "POST", "contacts/{id}/bundle", Right.FindContact | Right.ExportPerson },
        { "POST", "contacts/{id}/receipt", Right.FindContact | Right.ExportPerson },
        { "POST", "contacts/{id}/release", Right.FindContact | Right.SeeEvidence | Right.Withdraw },
        { "GET", "contacts/{id}/own-page", Right.FindContact | Right.Withdraw },
        { "POST", "contacts/{id}/own-page", Right.FindContact | Right.Withdraw },
        { "GET", "contacts/{id}/export", Right.FindContact | Right.ExportPerson },
        { "POST", "contacts/{id}/export", Right.FindContact | Right.ExportPerson },
        { "POST", "suppression/new", Right.FindContact | Right.Suppress },
        { "POST", "suppression", Right.FindContact | Right.Suppress },
        { "POST", "rules/new", Right.ActivateRules },
        { "POST", "rules/retire", Right.ActivateRules },
        { "POST", "rules/changes/{id}/preview", Right.ActivateRules },
        { "GET", "rules/changes/{id}/people", Right.SeeGate | Right.ListContacts },
        { "POST", "rules/changes/{id}/agree", Right.ActivateRules },
        { "POST", "rules/changes/{id}/decline", Right.ActivateRules },
        { "GET", "ledger", Right.SeeLedger },
        { "GET", "ledger/{seq}", Right.SeeLedger },
        { "GET", "ledger/{seq}/bundle", Right.SeeLedger },
        { "POST", "settings/controller", Right.ManageHouse },
        { "GET", "settings/notice", Right.SeeGate },
        { "POST", "settings/notice", Right.ManageHouse },
        { "GET", "settings/wordings", Right.SeeGate },
        { "POST", "settings/wordings", Right.ManageHouse },
        { "POST", "settings/webhooks", Right.ManageKeys },
        { "POST", "settings/webhooks/confirm", Right.ManageKeys },
        { "POST", "settings/webhooks/{id}/test", Right.ManageKeys },
        { "POST", "settings/webhooks/{id}/turn", Right.ManageKeys },
        { "POST", "settings/webhooks/{id}/rotate", Right.ManageKeys },
        { "POST", "settings/backups", Right.ManageSystem },
        { "GET", "requests", Right.SeeRequests },
        { "GET", "requests/new", Right.AnswerRequests },
        { "POST", "requests/new", Right.AnswerRequests },
        { "GET", "requests/{id}", Right.AnswerRequests | Right.FindContact },
        { "POST", "requests/{id}", Right.AnswerRequests | Right.FindContact },
    };

    [Theory]
    [MemberData(nameof(Rights))]
    public void Whoever_acts_or_sees_people_has_this_right(string method, string path, Right right)
    {
        var route = Assert.Single(PageRoutes.All, route => route.Method == method && route.Path == PageRoute.OfController + path);
        Assert.Equal(right, Assert.IsType<Access.Needs>(route.Access).Right);
    }
}
