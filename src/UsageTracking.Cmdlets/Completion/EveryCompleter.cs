using System.Collections;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes how often a job may run.</summary>
public sealed class EveryCompleter : NameCompleter
{
    private protected override IEnumerable<OfferedName> Names(IDictionary bound) =>
    [
        new("Daily", null), new("Weekly", "on Monday"), new("Monthly", "on day 1"),
        new("00:05", "every 5 minutes"), new("00:30", "every 30 minutes"), new("01:00", "every hour"), new("06:00", "every 6 hours"),
    ];
}
