namespace Ringfence.Server;

/// <summary>Names the texts of the audit: <c>Resources/AuditTexts.resx</c>, <c>.zh-Hans.resx</c>, <c>.zh-Hant.resx</c>.</summary>
internal sealed class AuditTexts;
