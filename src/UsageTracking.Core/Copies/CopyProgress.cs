namespace UsageTracking.Copies;

/// <summary>How far a copy has got. One thread reports while another looks.</summary>
public sealed class CopyProgress
{
    private string _step = "";
    private long _done;
    private long _total;

    /// <summary>What part of the step is done, from 0 to 100; null where that is not known.</summary>
    public int? Percent => Interlocked.Read(ref _total) is > 0 and var total ? (int)Math.Min(100, Interlocked.Read(ref _done) * 100 / total) : null;

    /// <summary>What is being done, and how far.</summary>
    public override string ToString() => Interlocked.Read(ref _total) is > 0 and var total
        ? FormattableString.Invariant($"{Volatile.Read(ref _step)}: {Interlocked.Read(ref _done):N0} of {Wording.Count(total, "row")}")
        : Volatile.Read(ref _step);

    internal void Begin(string step, long total = 0)
    {
        Interlocked.Exchange(ref _total, 0);
        Interlocked.Exchange(ref _done, 0);
        Volatile.Write(ref _step, step);
        Interlocked.Exchange(ref _total, total);
    }

    internal void Add(long rows) => Interlocked.Add(ref _done, rows);
}
