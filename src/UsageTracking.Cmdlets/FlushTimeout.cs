using UsageTracking.Queue;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets;

/// <summary>How long a flush may take, and what is said where that was not long enough.</summary>
internal static class FlushTimeout
{
    // What a wait can be told in milliseconds.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <exception cref="UsageException"><c>InvalidTimeout</c>.</exception>
    public static void Check(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero)
            throw new UsageException(UsageErrorKind.InvalidInput, "InvalidTimeout", "The timeout is negative. Give the seconds to wait, such as 30.", timeout);
    }

    public static TimeSpan Bounded(TimeSpan timeout) => timeout < Longest ? timeout : Longest;

    public static UsageException Incomplete(FlushResult result, StoreConnection connection) => new(
        UsageErrorKind.LimitReached, "FlushIncomplete",
        $"{Wording.Count(result.Remaining, "record")} not stored yet. {result.Error!.Message}", connection.Store.Address.Text, result.Error);
}
