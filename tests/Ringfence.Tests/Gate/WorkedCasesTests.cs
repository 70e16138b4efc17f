using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Every worked case that ships comes out as it says.</summary>
public sealed class WorkedCasesTests
{
    public static TheoryData<string> Files => [.. CaseFile.Shipped];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_a_file_comes_out_as_expected(string file)
    {
        var differences =
            from worked in CaseFile.ReadShipped(file)
            from difference in CaseCheck.Run(worked, ContactGate.Shipped)
            select $"{worked.File}:{worked.Line}: {worked.Name}: {difference}";
        Assert.Empty(differences);
    }
}
