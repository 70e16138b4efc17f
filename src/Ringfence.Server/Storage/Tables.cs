namespace Ringfence.Server.Storage;

/// <summary>The tables that both stores have.</summary>
internal static class Tables
{
    public static readonly Table<RecordRow> Record = new(
        "ledger_record", 1, static c => new(c.Long(0), c.Bytes(1), c.Bytes(2)),
        Column.Long<RecordRow>("seq", static r => r.Seq),
        Column.Bytes<RecordRow>("leaf", static r => r.Leaf),
        Column.Bytes<RecordRow>("body", static r => r.Body));

    public static readonly Table<TileRow> Tile = new(
        "ledger_tile", 2, static c => new((int)c.Long(0), c.Long(1), c.Bytes(2)),
        Column.Int<TileRow>("level", static r => r.Level),
        Column.Long<TileRow>("n", static r => r.N),
        Column.Bytes<TileRow>("bytes", static r => r.Bytes));

    public static readonly Table<CheckpointRow> Checkpoint = new(
        "checkpoint", 1, static c => new(c.Long(0), c.Bytes(1), c.Bytes(2)),
        Column.Long<CheckpointRow>("size", static r => r.Size),
        Column.Bytes<CheckpointRow>("root", static r => r.Root),
        Column.Bytes<CheckpointRow>("note", static r => r.Note));

    public static readonly Table<SealedRow> Sealed = new(
        "sealed", 2, static c => new(c.Long(0), (short)c.Long(1), c.Bytes(2), c.Bytes(3)),
        Column.Long<SealedRow>("seq", static r => r.Seq),
        Column.Small<SealedRow>("grp", static r => r.Group),
        Column.Bytes<SealedRow>("nonce", static r => r.Nonce),
        Column.Bytes<SealedRow>("ciphertext", static r => r.Ciphertext));

    public static readonly Table<ScanRow> Scan = new(
        "scan", 1, static c => new(c.Long(0), c.Bytes(1), c.Bytes(2)),
        Column.Long<ScanRow>("seq", static r => r.Seq),
        Column.Bytes<ScanRow>("nonce", static r => r.Nonce),
        Column.Bytes<ScanRow>("ciphertext", static r => r.Ciphertext));

    /// <summary>Beside which records there is a scan.</summary>
    public static readonly Table<long> ScanPlace = new(Scan.Name, 1, static c => c.Long(0), Column.Long<long>("seq", static seq => seq));

    public static readonly Table<DocumentRow> Document = new(
        "document", 1, static c => new(c.Bytes(0), c.Text(1), c.Bytes(2)),
        Column.Bytes<DocumentRow>("digest", static r => r.Digest),
        Column.Text<DocumentRow>("media", static r => r.Media),
        Column.Bytes<DocumentRow>("bytes", static r => r.Bytes));

    public static readonly Table<SuppressionRow> Suppression = new(
        "suppression", 1,
        static c => new(
            c.Bytes(0), c.Bytes(1), (short)c.Long(2), c.Bytes(3), (int)c.Long(4), c.TextOrNull(5), c.LongOrNull(6), c.Long(7), (short)c.Long(8), (short)c.Long(9), c.LongOrNull(10),
            c.LongOrNull(11)),
        Column.Bytes<SuppressionRow>("id", static r => r.Id),
        Column.Bytes<SuppressionRow>("tag", static r => r.Tag),
        Column.Small<SuppressionRow>("chain", static r => r.Chain),
        Column.Bytes<SuppressionRow>("salt", static r => r.Salt),
        Column.Int<SuppressionRow>("channels", static r => r.Channels),
        Column.Text<SuppressionRow>("purposes", static r => r.Purposes),
        Column.LongOrNull<SuppressionRow>("seq", static r => r.Seq),
        Column.Long<SuppressionRow>("since", static r => r.Since),
        Column.Small<SuppressionRow>("said_by", static r => r.By),
        Column.Small<SuppressionRow>("kind", static r => r.Kind),
        Column.LongOrNull<SuppressionRow>("snapshot", static r => r.Snapshot),
        Column.LongOrNull<SuppressionRow>("lifted_seq", static r => r.LiftedSeq));

    /// <summary>Counts the suppressions that stand, of the ledger that a parameter names.</summary>
    public static string CountSuppressions(string ledger) =>
        $"select channels, said_by, kind, count(*) from suppression where ledger = {ledger} and lifted_seq is null group by channels, said_by, kind order by channels, said_by, kind";

    /// <summary>The newest suppressions that stand, of the ledger that a parameter names, as many as another says. The index of records has them in order.</summary>
    public static string NewestSuppressions(string ledger, string most) =>
        $"select {Suppression.Names} from suppression where ledger = {ledger} and seq is not null and lifted_seq is null order by seq desc limit {most}";

    public static readonly Table<LookupRow> Lookup = new(
        "subject_lookup", 1, static c => new(c.Bytes(0), c.Bytes(1), c.Bytes(2)),
        Column.Bytes<LookupRow>("tag", static r => r.Tag),
        Column.Bytes<LookupRow>("sid", static r => r.Sid),
        Column.Bytes<LookupRow>("point", static r => r.Point));

    public static readonly Table<SubjectRow> Subject = new(
        "subject", 1, static c => new(c.Bytes(0), c.BytesOrNull(1), (short)c.Long(2), c.TextOrNull(3), c.TextOrNull(4), c.BytesOrNull(5), c.Long(6), c.Long(7)),
        Column.Bytes<SubjectRow>("sid", static r => r.Sid),
        Column.Bytes<SubjectRow>("merged_into", static r => r.MergedInto),
        Column.Small<SubjectRow>("status", static r => r.Status),
        Column.Text<SubjectRow>("residence", static r => r.Residence),
        Column.Text<SubjectRow>("source", static r => r.Source),
        Column.Bytes<SubjectRow>("batch", static r => r.Batch),
        Column.Long<SubjectRow>("first_at", static r => r.FirstAt),
        Column.Long<SubjectRow>("last_at", static r => r.LastAt));

    public static readonly Table<SubjectRecordRow> SubjectRecord = new(
        "subject_record", 2, static c => new(c.Bytes(0), c.Long(1), c.Long(2) != 0),
        Column.Bytes<SubjectRecordRow>("sid", static r => r.Sid),
        Column.Long<SubjectRecordRow>("seq", static r => r.Seq),
        Column.Small<SubjectRecordRow>("idle", static r => r.Idle ? (short)1 : (short)0));

    public static readonly Table<ConsentRow> Consent = new(
        "consent_state", 4,
        static c => new(c.Bytes(0), c.Bytes(1), (short)c.Long(2), c.Text(3), (short)c.Long(4), c.Long(5), c.Long(6), c.LongOrNull(7)),
        Column.Bytes<ConsentRow>("sid", static r => r.Sid),
        Column.Bytes<ConsentRow>("point", static r => r.Point),
        Column.Small<ConsentRow>("channel", static r => r.Channel),
        Column.Text<ConsentRow>("purpose", static r => r.Purpose),
        Column.Small<ConsentRow>("state", static r => r.State),
        Column.Long<ConsentRow>("seq", static r => r.Seq),
        Column.Long<ConsentRow>("at", static r => r.At),
        Column.LongOrNull<ConsentRow>("until_at", static r => r.Until));

    public static readonly Table<IdempotencyRow> Idempotency = new(
        "idempotency", 2, static c => new(c.Text(0), c.Text(1), c.Bytes(2), c.Bytes(3), c.Long(4)),
        Column.Text<IdempotencyRow>("client", static r => r.Client),
        Column.Text<IdempotencyRow>("client_key", static r => r.Key),
        Column.Bytes<IdempotencyRow>("fingerprint", static r => r.Fingerprint),
        Column.Bytes<IdempotencyRow>("response", static r => r.Response),
        Column.Long<IdempotencyRow>("at", static r => r.At));

    public static readonly Table<ApiKeyRow> ApiKey = new(
        "api_key", 1, static c => new(c.Text(0), c.Text(1), c.Bytes(2), c.Text(3), c.Long(4), c.LongOrNull(5), c.LongOrNull(6)),
        Column.Text<ApiKeyRow>("id", static r => r.Id),
        Column.Text<ApiKeyRow>("name", static r => r.Name),
        Column.Bytes<ApiKeyRow>("hash", static r => r.Hash),
        Column.Text<ApiKeyRow>("scopes", static r => r.Scopes),
        Column.Long<ApiKeyRow>("seq", static r => r.Seq),
        Column.LongOrNull<ApiKeyRow>("expires", static r => r.Expires),
        Column.LongOrNull<ApiKeyRow>("revoked_seq", static r => r.RevokedSeq));

    public static readonly Table<PermitRow> Permit = new(
        "permit", 1,
        static c => new(
            c.Bytes(0), c.Bytes(1), c.Bytes(2), (short)c.Long(3), c.BytesOrNull(4), (short)c.Long(5), c.TextOrNull(6), c.TextOrNull(7), c.TextOrNull(8), c.TextOrNull(9), c.Long(10),
            c.Long(11), c.Long(12), c.LongOrNull(13), c.LongOrNull(14), c.LongOrNull(15), (short?)c.LongOrNull(16), c.LongOrNull(17)),
        Column.Bytes<PermitRow>("id", static r => r.Id),
        Column.Bytes<PermitRow>("tag", static r => r.Tag),
        Column.Bytes<PermitRow>("suppress", static r => r.Suppress),
        Column.Small<PermitRow>("chain", static r => r.Chain),
        Column.Bytes<PermitRow>("sid", static r => r.Sid),
        Column.Small<PermitRow>("channel", static r => r.Channel),
        Column.Text<PermitRow>("purpose", static r => r.Purpose),
        Column.Text<PermitRow>("agent", static r => r.Agent),
        Column.Text<PermitRow>("subject", static r => r.Subject),
        Column.Text<PermitRow>("campaign", static r => r.Campaign),
        Column.Long<PermitRow>("seq", static r => r.Seq),
        Column.Long<PermitRow>("issued", static r => r.Issued),
        Column.Long<PermitRow>("expires", static r => r.Expires),
        Column.LongOrNull<PermitRow>("redeemed", static r => r.Redeemed),
        Column.LongOrNull<PermitRow>("redeemed_seq", static r => r.RedeemedSeq),
        Column.LongOrNull<PermitRow>("ended_seq", static r => r.EndedSeq),
        Column.SmallOrNull<PermitRow>("outcome", static r => r.Outcome),
        Column.LongOrNull<PermitRow>("outcome_seq", static r => r.OutcomeSeq));

    public static readonly Table<RuleChangeRow> RuleChange = new(
        "rule_change", 1,
        static c => new(c.Text(0), c.Text(1), c.Text(2), c.Bytes(3), IsTrue(c.Long(4)), c.Text(5), c.Long(6), c.TextOrNull(7), c.LongOrNull(8), c.LongOrNull(9) is { } agreed ? IsTrue(agreed) : null),
        Column.Text<RuleChangeRow>("id", static r => r.Id),
        Column.Text<RuleChangeRow>("kind", static r => r.Kind),
        Column.Text<RuleChangeRow>("name", static r => r.Name),
        Column.Bytes<RuleChangeRow>("doc", static r => r.Doc),
        Column.Small<RuleChangeRow>("retire", static r => r.Retire ? (short)1 : (short)0),
        Column.Text<RuleChangeRow>("asked_by", static r => r.AskedBy),
        Column.Long<RuleChangeRow>("seq", static r => r.Seq),
        Column.Text<RuleChangeRow>("answered_by", static r => r.AnsweredBy),
        Column.LongOrNull<RuleChangeRow>("answered_seq", static r => r.AnsweredSeq),
        Column.SmallOrNull<RuleChangeRow>("agreed", static r => r.Agreed is { } agreed ? agreed ? (short)1 : (short)0 : null));

    public static readonly Table<RightsRequestRow> RightsRequest = new(
        "rights_request", 1,
        static c => new(c.Bytes(0), c.BytesOrNull(1), c.Text(2), c.Text(3), c.Text(4), c.Long(5), c.Text(6), c.LongOrNull(7), c.Text(8), c.BytesOrNull(9), c.BytesOrNull(10)),
        Column.Bytes<RightsRequestRow>("id", static r => r.Id),
        Column.Bytes<RightsRequestRow>("tag", static r => r.Tag),
        Column.Text<RightsRequestRow>("kind", static r => r.Kind),
        Column.Text<RightsRequestRow>("state", static r => r.State),
        Column.Text<RightsRequestRow>("language", static r => r.Language),
        Column.Long<RightsRequestRow>("received", static r => r.Received),
        Column.Text<RightsRequestRow>("due", static r => r.Due),
        Column.LongOrNull<RightsRequestRow>("closed", static r => r.Closed),
        Column.Text<RightsRequestRow>("records", static r => r.Records),
        Column.Bytes<RightsRequestRow>("nonce", static r => r.Nonce),
        Column.Bytes<RightsRequestRow>("words", static r => r.Words));

    public static readonly Table<ResultTaskRow> ResultTask = new(
        "result_task", 1,
        static c => new(
            c.Long(0), c.Text(1), c.Long(2), c.Text(3), c.Text(4), c.Long(5), c.Text(6), c.BytesOrNull(7), c.BytesOrNull(8), c.BytesOrNull(9), (short?)c.LongOrNull(10), c.Text(11), c.BytesOrNull(12),
            c.BytesOrNull(13), c.LongOrNull(14), c.LongOrNull(15), (int)c.Long(16), c.BytesOrNull(17), c.TextOrNull(18), c.TextOrNull(19), c.TextOrNull(20), c.TextOrNull(21)),
        Column.Long<ResultTaskRow>("seq", static r => r.Seq),
        Column.Text<ResultTaskRow>("said", static r => r.Said),
        Column.Long<ResultTaskRow>("at", static r => r.At),
        Column.Text<ResultTaskRow>("day", static r => r.Day),
        Column.Text<ResultTaskRow>("due", static r => r.Due),
        Column.Long<ResultTaskRow>("late_at", static r => r.LateAt),
        Column.Text<ResultTaskRow>("rule", static r => r.Rule),
        Column.Bytes<ResultTaskRow>("sid", static r => r.Sid),
        Column.Bytes<ResultTaskRow>("point", static r => r.Point),
        Column.Bytes<ResultTaskRow>("tag", static r => r.Tag),
        Column.SmallOrNull<ResultTaskRow>("via", static r => r.Via),
        Column.Text<ResultTaskRow>("language", static r => r.Language),
        Column.Bytes<ResultTaskRow>("nonce", static r => r.Nonce),
        Column.Bytes<ResultTaskRow>("words", static r => r.Words),
        Column.LongOrNull<ResultTaskRow>("next_at", static r => r.NextAt),
        Column.LongOrNull<ResultTaskRow>("send_until", static r => r.SendUntil),
        Column.Int<ResultTaskRow>("attempts", static r => r.Attempts),
        Column.Bytes<ResultTaskRow>("lease", static r => r.Lease),
        Column.Text<ResultTaskRow>("fault", static r => r.Fault),
        Column.Text<ResultTaskRow>("told_on", static r => r.ToldOn),
        Column.Text<ResultTaskRow>("told_by", static r => r.ToldBy),
        Column.Text<ResultTaskRow>("teller", static r => r.Teller));

    public static readonly Table<BatchRow> Batch = new(
        "import_batch", 1, static c => new(c.Bytes(0), c.Long(1), (short)c.Long(2), c.Bytes(3)),
        Column.Bytes<BatchRow>("batch", static r => r.Batch),
        Column.Long<BatchRow>("done", static r => r.Done),
        Column.Small<BatchRow>("state", static r => r.State),
        Column.Bytes<BatchRow>("facts", static r => r.Facts));

    /// <summary>Those that can be made anew from the records, tiles aside.</summary>
    public static readonly string[] Projections = [Subject.Name, SubjectRecord.Name, Consent.Name];

    // Whoever wrote anything else was not this program.
    private static bool IsTrue(long value) => value is 0 or 1 ? value == 1 : throw new StoreException(StoreFault.Damaged, "A change of rules says neither yes nor no.");
}
