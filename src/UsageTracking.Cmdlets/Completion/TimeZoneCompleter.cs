using System.Collections;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes the ids of time zones.</summary>
public sealed class TimeZoneCompleter : NameCompleter
{
    // Read from hundreds of files, where the system keeps them so.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly Lazy<Task<IReadOnlyList<string>>> Ids = new(() => Task.Run(Zones.Ids));

    private protected override IEnumerable<OfferedName> Names(IDictionary bound) =>
        Task.WaitAny([Ids.Value], Patience) == 0 && Ids.Value.IsCompletedSuccessfully ? Ids.Value.Result.Select(id => new OfferedName(id, null)) : [];
}
