using System.Diagnostics;

namespace UsageTracking.Stores;

/// <summary>How far the long part of preparing a store has got. One thread reports while another looks.</summary>
public sealed class InitializeProgress
{
    private readonly Stopwatch _watch = new();
    private string _step = "";
    private long _first;
    private long _done;
    private long _total;

    /// <summary>What part of the step is done, from 0 to 100; null where that is not known.</summary>
    public int? Percent => Interlocked.Read(ref _total) is > 0 and var total ? (int)Math.Min(100, Interlocked.Read(ref _done) * 100 / total) : null;

    /// <summary>How long the rest of the step will take at this rate; null where that cannot be said yet.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            (long done, long total) = (Interlocked.Read(ref _done), Interlocked.Read(ref _total));
            long here = done - Interlocked.Read(ref _first);
            return here > 0 && total >= done ? TimeSpan.FromSeconds(_watch.Elapsed.TotalSeconds * (total - done) / here) : null;
        }
    }

    /// <summary>What is being done, and how far.</summary>
    public override string ToString() => Interlocked.Read(ref _total) is > 0 and var total
        ? FormattableString.Invariant($"{Volatile.Read(ref _step)}: {Interlocked.Read(ref _done):N0} of {Wording.Count(total, "row")}")
        : Volatile.Read(ref _step);

    internal void Begin(string step, long total = 0, long done = 0)
    {
        Interlocked.Exchange(ref _total, 0);
        Interlocked.Exchange(ref _first, done);
        Interlocked.Exchange(ref _done, done);
        Volatile.Write(ref _step, step);
        _watch.Restart();
        Interlocked.Exchange(ref _total, total);
    }

    internal void Add(long rows) => Interlocked.Add(ref _done, rows);
}
