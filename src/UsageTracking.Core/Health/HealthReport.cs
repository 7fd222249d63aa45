using System.Runtime.CompilerServices;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Health;

/// <summary>Looks at everything that usage depends on. Changes nothing.</summary>
public static class HealthReport
{
    /// <summary>The checks as they are made. Where the store cannot be asked, the first says why, and those that need it are left out.</summary>
    /// <param name="store">The store.</param>
    /// <param name="caller">Finds who asks, where policies hide rows; it may ask the store.</param>
    /// <param name="spools">How every spool stands.</param>
    /// <param name="spoolRoot">The folder of all spools; null where records wait in memory.</param>
    /// <param name="full">Whether all buckets are compared with their records, not only those of the last days.</param>
    /// <param name="cancel">Ends the checks.</param>
    public static async IAsyncEnumerable<UsageHealth> ReadAsync(
        IUsageStore store, Func<string?> caller, IReadOnlyList<SpoolStatus> spools, string? spoolRoot, bool full,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (UsageHealth check in new StoreHealth(store, caller, full).ReadAsync(cancel))
            yield return check;

        foreach (UsageHealth check in LocalHealth.Read(store.Address, spools, spoolRoot))
            yield return check;
    }
}
