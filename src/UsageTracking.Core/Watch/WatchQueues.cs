using UsageTracking.Charts;
using UsageTracking.Queue.Spools;

namespace UsageTracking.Watch;

/// <summary>Says what waits in queues, and what keeps it waiting.</summary>
internal static class WatchQueues
{
    /// <summary>A text for each queue that something waits in, or one that says that nothing does.</summary>
    /// <param name="view">What there is to see.</param>
    /// <param name="process">The id of this process.</param>
    public static IEnumerable<string> Describe(WatchView view, int process)
    {
        string[] texts = [.. view.Queues.Where(q => q.Records > 0 || q.LastError is not null).Select(q => Describe(q, view, process))];
        return texts.Length > 0 ? texts : ["Queues: nothing waits."];
    }

    private static string Describe(SpoolStatus queue, WatchView view, int process)
    {
        string whose = queue.Owner == process ? "this process" : FormattableString.Invariant($"process {queue.Owner}{(queue.IsLive ? "" : ", which has ended")}");
        string store = queue.Store == view.Store ? "" : $" for {queue.Store}";
        string age = queue.Oldest is { } oldest ? $", the oldest for {Age(view.Time - oldest)}" : "";
        string reason = queue.LastError is { } error ? $". {error}" : queue.IsLive ? "" : ". Invoke-UsageFlush stores them.";
        return ChartText.Clean($"Queue of {whose}: {Wording.Count(queue.Records, "record")} wait{(queue.Records == 1 ? "s" : "")}{store}{age}{reason}");
    }

    private static string Age(TimeSpan age) => FormattableString.Invariant(age switch
    {
        { TotalMinutes: < 1 } => $"{Math.Max(0, age.TotalSeconds):0} s",
        { TotalHours: < 1 } => $"{Math.Floor(age.TotalMinutes)} min",
        { TotalDays: < 1 } => $"{Math.Floor(age.TotalHours)} h",
        _ => $"{Math.Floor(age.TotalDays)} d",
    });
}
