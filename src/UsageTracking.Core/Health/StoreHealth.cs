using System.Globalization;
using System.Runtime.CompilerServices;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Health;

/// <summary>The checks that ask the store.</summary>
internal sealed class StoreHealth(IUsageStore store, Func<string?> caller, bool full)
{
    private const int Days = 7;
    private const int MostRejected = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    private bool _isAway;
    private bool _isHidden;

    public async IAsyncEnumerable<UsageHealth> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        UsageHealth state = await TryAsync("Store", CheckStateAsync, cancel);
        yield return state;
        if (!state.Ok)
            yield break;

        if (store.Address.Kind == StoreKind.PostgreSql)
        {
            ServerState? server = null;
            UsageHealth clock = await TryAsync("Clock", async c => CheckClock(server = await WithinAsync(store.GetServerStateAsync, c)), cancel);
            yield return clock;
            if (server is not null)
            {
                yield return CheckInsert(server);
                if (CheckPartitions(server) is { } partitions)
                    yield return partitions;
            }
        }

        foreach ((string name, Func<string, CancellationToken, Task<UsageHealth>> check) in Comparisons())
        {
            if (_isAway)
                yield break;

            // What the role does not see would look lost.
            if (_isHidden && name == "QueueBalance")
                continue;

            yield return await TryAsync(name, c => check(name, c), cancel);
        }
    }

    /// <summary>Judges the difference between two clocks.</summary>
    internal static UsageHealth CheckClock(ServerState? server)
    {
        TimeSpan offset = server?.ClockOffset ?? TimeSpan.Zero;
        if (offset.Duration() <= ClockTolerance)
            return UsageHealth.Good("Clock", FormattableString.Invariant($"{offset.Duration().TotalSeconds:0.0} s between this machine's clock and the server's"));

        string order = offset > TimeSpan.Zero ? "behind" : "ahead of";
        string fix = OperatingSystem.IsWindows() ? "w32tm /resync" : OperatingSystem.IsMacOS() ? "sudo sntp -sS time.apple.com" : "sudo timedatectl set-ntp true";
        return UsageHealth.Bad("Clock", FormattableString.Invariant($"this machine's clock is {offset.Duration().TotalSeconds:0} s {order} the server's"), fix);
    }

    private IEnumerable<(string Name, Func<string, CancellationToken, Task<UsageHealth>> Check)> Comparisons() =>
    [
        ("Summary", CompareBucketsAsync),
        ("QueueBalance", CompareQueuesAsync),
        ("RejectedRecords", CountRejectedAsync),
    ];

    private async Task<UsageHealth> CheckStateAsync(CancellationToken cancel)
    {
        StoreState state = await WithinAsync(store.GetStateAsync, cancel);
        if (!state.IsInitialized)
            return UsageHealth.Bad("Store", $"there are no tables in {store.Address} yet", "Initialize-UsageStore");

        if (state.CopyFrom is not null)
            return UsageHealth.Bad("Store", $"{store.Address} is an unfinished copy of another store", "Copy-UsageStore, as it was called before");

        return state.IsCurrent
            ? UsageHealth.Good("Store", FormattableString.Invariant($"{store.Address} answers; schema version {state.SchemaVersion} is current"))
            : UsageHealth.Bad("Store", FormattableString.Invariant($"{store.Address} has schema version {state.SchemaVersion}, of an older version of the module"), "Initialize-UsageStore");
    }

    private UsageHealth CheckInsert(ServerState server) => server.MayInsert
        ? UsageHealth.Good("InsertRight", $"the role '{server.Role}' may add records")
        : UsageHealth.Bad("InsertRight", $"the role '{server.Role}' may not add records; the owner of the tables can let it", FixText.Run(store.Address, server.Grant));

    private static UsageHealth? CheckPartitions(ServerState server) => server.MissingMonths switch
    {
        _ when server.IsPartitioningBrokenOff => UsageHealth.Bad(
            "Partitions", "partitioning billing_usage_records was broken off; every change is noted until it goes on", "Initialize-UsageStore -Partition"),
        null => null,
        [] => UsageHealth.Good("Partitions", "this month and the next have theirs"),
        var missing => UsageHealth.Bad(
            "Partitions", $"none for {string.Join(" and ", missing.Select(m => m.ToString("yyyy-MM", CultureInfo.InvariantCulture)))}", "Initialize-UsageStore"),
    };

    private async Task<UsageHealth> CompareBucketsAsync(string name, CancellationToken cancel)
    {
        TimeRange range = full ? TimeRange.Everything : new TimeRange(DateTimeOffset.UtcNow.AddDays(-Days), TimeRange.Everything.End);
        string when = full ? "all records" : FormattableString.Invariant($"the records of the last {Days} days");
        IReadOnlyList<BucketDifference> differences = await store.CompareBucketsAsync(UsageFilter.All, range, cancel);
        if (differences.Count == 0)
            return UsageHealth.Good(name, $"agrees with {when}");

        BucketDifference first = differences[0];
        string found = string.Create(
            CultureInfo.InvariantCulture,
            $"{Wording.Count(differences.Count, "range")} differ{(differences.Count == 1 ? "s" : "")} from {when}; '{first.CustomerId}', {first.Service}, {first.Range.Start:yyyy-MM-ddTHH:mmZ}: {ComparisonReport.Explain(first)}");
        string fix = differences.All(ComparisonReport.IsUnfolded)
            ? "Update-UsageSummary"
            : ComparisonReport.Repair(new TimeRange(differences.Min(d => d.Range.Start), differences.Max(d => d.Range.End)));
        return UsageHealth.Bad(name, found, fix);
    }

    private async Task<UsageHealth> CompareQueuesAsync(string name, CancellationToken cancel)
    {
        QueueBalance balance = await store.CompareQueuesAsync(cancel);
        return balance.Records == balance.Expected
            ? UsageHealth.Good(name, $"{Wording.Count(balance.Records, "record")}, as many as were stored")
            : UsageHealth.Bad(name, ComparisonReport.Explain(balance), "Compare-Usage");
    }

    private async Task<UsageHealth> CountRejectedAsync(string name, CancellationToken cancel)
    {
        int count = 0;
        string reason = "";
        await foreach (RejectedRecord rejected in store.ReadRejectedAsync(caller(), cancel))
        {
            if (count++ == 0)
                reason = rejected.Reason;

            if (count == MostRejected)
                break;
        }

        return count == 0
            ? UsageHealth.Good(name, "none")
            : UsageHealth.Bad(name, $"{Wording.Count(count, "record")}{(count == MostRejected ? " or more" : "")}; the last: {reason}", "Get-UsageRejectedRecord");
    }

    // An error of the store is what was found.
    private async Task<UsageHealth> TryAsync(string name, Func<CancellationToken, Task<UsageHealth>> check, CancellationToken cancel)
    {
        try
        {
            return await check(cancel);
        }
        catch (UsageException error)
        {
            _isAway |= error.Kind == UsageErrorKind.StoreUnavailable;
            _isHidden |= error.ErrorId == "RecordsHidden";
            string fix = error.ErrorId == "StoreTooNew" ? "Update-Module UsageTracking" : FixText.Connect(store.Address);
            return UsageHealth.Bad(name, error.Message, fix);
        }
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        CancellationToken token = patience.Token;
        try
        {
            // The driver itself may be slower to give up.
            return await Task.Run(() => ask(token), token).WaitAsync(token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new UsageException(UsageErrorKind.StoreUnavailable, "StoreUnavailable",
                FormattableString.Invariant($"The store {store.Address} did not answer within {Patience.TotalSeconds:0} s."), store.Address);
        }
    }
}
