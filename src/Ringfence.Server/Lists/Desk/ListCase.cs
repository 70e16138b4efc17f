using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Numbers;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Lists that a member of staff brought to be looked through, as they are kept beside them: how they are to be read, how far that is, and what was chosen to be imported.</summary>
internal sealed record ListCase
{
    /// <summary>Its name: 32 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>The ledger of the controller.</summary>
    public required long Ledger { get; init; }

    /// <summary>Who brought them: the account, as records name it, and as they are called.</summary>
    public required string By { get; init; }

    public required string ByName { get; init; }

    /// <summary>When: ISO 8601.</summary>
    public required string At { get; init; }

    /// <summary>The lists, in their order.</summary>
    public required IReadOnlyList<KeptList> Files { get; init; }

    public ListState State { get; init; }

    /// <summary>Why they can't be read: a stable word, and what its sentence names; null: they can.</summary>
    public string? Problem { get; init; }

    public IReadOnlyList<string> ProblemOf { get; init; } = [];

    /// <summary>In whose name people would be contacted.</summary>
    public string? Sender { get; init; }

    public string? Region { get; init; }

    public string? Sheet { get; init; }

    public string? Encoding { get; init; }

    /// <summary>Field words and headers, <c>=</c> between.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>The language of the sentences in the files of the report.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Whether somebody has looked at how the columns were understood and let it stand.</summary>
    public bool AreColumnsSeen { get; init; }

    /// <summary>Rows of all lists, and of them those that may be called; once they are read.</summary>
    public long Rows { get; init; }

    public long Usable { get; init; }

    /// <summary>What was chosen to be imported, as it was filled in; null: nothing yet.</summary>
    public ImportChoice? Choice { get; init; }

    /// <summary>The last dry run; null: none was made.</summary>
    public string? Trial { get; init; }

    /// <summary>The imports that came of it, the oldest first.</summary>
    public IReadOnlyList<string> Imports { get; init; } = [];

    [JsonIgnore]
    public OpaqueId Name => OpaqueId.TryParse(Id, out var id) ? id : throw new JsonException("Not a case.");

    [JsonIgnore]
    public Instant BroughtAt => InstantPattern.General.Parse(At).Value;

    /// <summary>What the lists are called together.</summary>
    [JsonIgnore]
    public string Called => string.Join(", ", Files.Select(static file => file.Called));

    /// <summary>How an audit goes by it.</summary>
    /// <param name="folder">Where the lists are.</param>
    /// <param name="report">Where the report goes.</param>
    /// <param name="today">The day of the audit.</param>
    public AuditOptions ToOptions(string folder, string report, LocalDate today) => new()
    {
        Files = [.. Files.Select(file => Path.Combine(folder, file.Name))],
        Suppressions = Files.Where(static file => file.IsSuppression).Select(file => Path.GetFullPath(Path.Combine(folder, file.Name))).ToHashSet(),
        Out = report,
        AsOf = today,
        Controller = Sender,
        Region = Region is null ? Ringfence.Numbers.Region.None : Ringfence.Numbers.Region.Of(Region),
        Sheet = Sheet,
        Encoding = Encoding,
        Map = [.. Map.Select(static pair => pair.Split('=', 2)).Select(static pair => new KeyValuePair<string, string>(pair[0], pair[1]))],
        Language = CultureInfo.GetCultureInfo(Language),
        // Those who ask whether somebody may be contacted come first.
        Threads = Math.Max(1, Environment.ProcessorCount / 2),
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ListCaseJson.Default.ListCase);

    /// <summary>Reads what was kept.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ListCase Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, ListCaseJson.Default.ListCase) ?? throw new JsonException("Not an object.");
}

/// <summary>A list that is kept.</summary>
/// <param name="Name">In the folder of the case.</param>
/// <param name="Called">As whoever brought it calls it: any text.</param>
/// <param name="Sha256">Of its bytes, as 64 hex digits.</param>
/// <param name="IsSuppression">Whether every row of it is a refusal.</param>
internal sealed record KeptList(string Name, string Called, string Sha256, bool IsSuppression);

/// <summary>How far the reading of lists is.</summary>
internal enum ListState
{
    /// <summary>Waits for its turn, or is being read.</summary>
    Waiting,

    /// <summary>The report is there.</summary>
    Read,

    /// <summary>They can't be read: <see cref="ListCase.Problem"/>.</summary>
    Unreadable,
}

/// <summary>What is to be imported of lists, as the form has it.</summary>
internal sealed record ImportChoice
{
    /// <summary>The word of the source.</summary>
    public string Source { get; init; } = "";

    public string Purposes { get; init; } = "offers";

    /// <summary>Whether only those rows are wanted that may be used on a channel as they are.</summary>
    public bool IsUsableOnly { get; init; }

    /// <summary>What was stated of where contacts of others came from, by the names of the form's fields.</summary>
    public IReadOnlyDictionary<string, string> Passport { get; init; } = new Dictionary<string, string>();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ListCase))]
internal sealed partial class ListCaseJson : JsonSerializerContext;
