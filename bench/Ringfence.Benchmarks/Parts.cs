using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.Suppression;

namespace Ringfence.Benchmarks;

/// <summary>In process, because the package knows no job for this runtime yet; with allocations.</summary>
internal sealed class PartsConfig : ManualConfig
{
    public PartsConfig()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        AddDiagnoser(MemoryDiagnoser.Default);
    }
}

/// <summary>The inner loop of the audit, part by part.</summary>
public class Parts
{
    private static readonly Region Germany = Region.Of("DE");

    [Benchmark]
    public bool Reads_an_international_number() => NumberReader.ReadCell("+49 30 23125 123", Region.None).IsValid;

    [Benchmark]
    public bool Reads_a_national_number() => NumberReader.ReadCell("(030) 23125-123", Germany).IsValid;

    [Benchmark]
    public bool Reads_a_date() => ListDate.TryRead("2025-03-01T14:03:00Z", DateOrder.Unknown, out _, out _);

    [Benchmark]
    public bool Reads_a_date_in_words() => ListDate.TryRead("Sep 29, 2024 04:33 AM", DateOrder.Unknown, out _, out _);

    [Benchmark]
    public ChannelSet Looks_for_a_refusal_in_a_note() => PlainRefusal.Find("called twice, no answer, interested in a demo");
}
