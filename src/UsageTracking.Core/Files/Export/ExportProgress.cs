using System.Diagnostics;

namespace UsageTracking.Files.Export;

/// <summary>How far an export has got. One thread reports while another looks.</summary>
public sealed class ExportProgress
{
    private readonly Stopwatch _watch = new();
    private long _total;
    private long _done;

    /// <summary>Records there are to write; 0 until the store has said it.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Records written.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Records written in a second.</summary>
    public double Rate => _watch.Elapsed.TotalSeconds is > 0 and var seconds ? Done / seconds : 0;

    /// <summary>What part is written, from 0 to 100.</summary>
    public int Percent => Total > 0 ? (int)(Done * 100 / Total) : 0;

    /// <summary>How long the rest will take at this rate; null where that cannot be said yet.</summary>
    public TimeSpan? Remaining => Rate > 0 ? TimeSpan.FromSeconds((Total - Done) / Rate) : null;

    /// <summary>What is not in the file as it is in the store; null where all is.</summary>
    public string? Warning { get; internal set; }

    /// <summary>How many of how many, and how fast.</summary>
    public override string ToString() => FormattableString.Invariant($"{Done:N0} of {Wording.Count(Total, "record")}, {Rate:N0} a second");

    internal void Add(long records, long total)
    {
        Interlocked.Exchange(ref _total, total);
        Interlocked.Add(ref _done, records);
    }

    // What the store takes before the first record says nothing about the rate of the rest.
    internal void Start() => _watch.Start();
}
