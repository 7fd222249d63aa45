using System.Diagnostics;

namespace UsageTracking.Queue;

/// <summary>Waits for room in a full log, or refuses, as the settings say.</summary>
internal static class Room
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Called, and returns, with the gate held; waiting lets go of it.</summary>
    /// <param name="gate">The log's own.</param>
    /// <param name="hasRoom">Looks for room.</param>
    /// <param name="settings">What to do without.</param>
    /// <param name="coming">How many records want in.</param>
    /// <param name="waiting">How many are in.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Whether there is room; false where the record is to be dropped.</returns>
    /// <exception cref="UsageException"><c>QueueFull</c>.</exception>
    public static bool Wait(object gate, Func<bool> hasRoom, QueueSettings settings, int coming, Func<long> waiting, CancellationToken cancel)
    {
        if (hasRoom())
            return true;

        if (settings.FullAction == FullAction.DropNewest)
            return false;

        long start = Stopwatch.GetTimestamp();
        TimeSpan patience = settings.FullAction == FullAction.Block ? settings.FullTimeout : TimeSpan.Zero;
        while (!hasRoom())
        {
            cancel.ThrowIfCancellationRequested();
            TimeSpan rest = patience - Stopwatch.GetElapsedTime(start);
            if (rest <= TimeSpan.Zero)
            {
                throw new UsageException(UsageErrorKind.LimitReached, "QueueFull",
                    $"{Wording.Count(coming, "record")} not added: the queue is full. {Wording.Count(waiting(), "record")} wait to be stored{(patience > TimeSpan.Zero ? FormattableString.Invariant($", and no room was made in {patience.TotalSeconds:0.#} s") : "")}. "
                    + "Get-UsageQueue says why they wait; the options QueueLimit and QueueFullAction say what a full queue does.");
            }

            Monitor.Wait(gate, rest < Look ? rest : Look);
        }

        return true;
    }
}
