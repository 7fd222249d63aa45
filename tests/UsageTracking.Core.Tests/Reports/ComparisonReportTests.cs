using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteComparisonReportTests() : ComparisonReportTests(StoreKind.Sqlite);

public sealed class PostgresComparisonReportTests() : ComparisonReportTests(StoreKind.PostgreSql);

public abstract class ComparisonReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    [Fact]
    public async Task Each_difference_says_what_it_is_and_what_mends_it()
    {
        await Store.WriteAsync(
            Record("api", 1, Utc(2026, 1, 1, 22, 59, 59), "count"), Record("api", 2, Utc(2026, 1, 1, 23), "quantity"), Record("api", 3, Utc(2026, 1, 1, 23), "cost"),
            Record("api", 4, Utc(2026, 1, 1, 23), "times"), Record("api", 5, Utc(2026, 1, 1, 23), "fine"), Record("api", 6, Utc(2026, 1, 1, 23), "mixed"));
        await Test.QueryAsync("UPDATE usage_buckets SET event_count = 2000 WHERE customer_id = 'count'");
        await Test.QueryAsync("UPDATE usage_buckets SET total_quantity = '2.5' WHERE customer_id = 'quantity'");
        await Test.QueryAsync("UPDATE usage_buckets SET total_cost = '0' WHERE customer_id = 'cost'");
        await Test.QueryAsync("UPDATE usage_buckets SET min_quantity = '0' WHERE customer_id = 'times'");
        await Test.QueryAsync("DELETE FROM usage_buckets WHERE customer_id = 'mixed'");
        await Test.InsertAsync(Record("api", 7, Utc(2026, 1, 1, 23), "mixed"));
        await Test.InsertAsync(Record("api", 7, Utc(2026, 1, 1, 23), "new"));
        await Test.InsertAsync(Record("api", 8, Utc(2026, 1, 1, 23), "new"));

        IReadOnlyList<UsageDifference> differences = await ComparisonReport.ReadAsync(Store, UsageFilter.All, Scope("2026-01", "2026-01", "Europe/Berlin"), withQueues: true, Cancel);

        const string Repair = "Update-UsageSummary -Start '2026-01-01T23:00Z' -End '2026-01-01T23:15Z' rebuilds the summary from the records.";
        Assert.Equal(
            [
                $"cost: The summary says a cost of 0, the records 0.0003. {Repair}",
                $"count: The summary says 2,000 events, the records 1 event. {Repair.Replace("23:00", "22:45", StringComparison.Ordinal).Replace("23:15", "23:00", StringComparison.Ordinal)}",
                $"mixed: The summary says 0 events, the records 2 events. {Repair}",
                "new: 2 records of other programs not in the reports yet. Update-UsageSummary adds them.",
                $"quantity: The summary says a quantity of 2.5, the records 2. {Repair}",
                $"times: The sums agree, the smallest, largest, first or last events do not. {Repair}",
            ],
            differences.Select(d => $"{d.CustomerId}: {d.Message}"));
        // Berlin is an hour ahead.
        Assert.Equal("2026-01-02 00:00 +01:00 2026-01-02 00:15 +01:00", FormattableString.Invariant($"{differences[0].Start:yyyy-MM-dd HH:mm zzz} {differences[0].End:yyyy-MM-dd HH:mm zzz}"));
        Assert.Equal(
            (DifferenceKind.Buckets, "api", 1L, 1L, null, 2.5m, 2m, 0.0002m, 0.0002m),
            differences[4] is var q ? (q.Kind, q.Service, q.BucketEvents, q.RecordEvents, q.QueueRecords, q.BucketQuantity, q.RecordQuantity, q.BucketCost, q.RecordCost) : default);
        Assert.Equal((0L, 2L, 15m), (differences[3].BucketEvents, differences[3].RecordEvents, differences[3].RecordQuantity));
        Assert.Equal(["times"], (await ComparisonReport.ReadAsync(Store, new UsageFilter(["times", "fine"], null), Scope("2026", "2026"), true, Cancel)).Select(d => d.CustomerId));
    }

    [Fact]
    public async Task Records_that_are_gone_or_came_from_nowhere_are_told_only_when_asked_for()
    {
        await Store.WriteAsync(Record("api", 1, Utc(2026, 1, 1)), Record("api", 1, Utc(2026, 1, 1)), Record("api", 1, Utc(2026, 1, 2)));
        ReportScope scope = Scope("2026-01", "2026-01");
        await Test.QueryAsync($"DELETE FROM billing_usage_records WHERE recorded_at < '{SqlTime(Utc(2026, 1, 2))}'");
        await Test.QueryAsync($"DELETE FROM usage_buckets WHERE bucket_start < '{SqlTime(Utc(2026, 1, 2))}'");

        Assert.Empty(await ComparisonReport.ReadAsync(Store, UsageFilter.All, scope, withQueues: false, Cancel));
        UsageDifference gone = Assert.Single(await ComparisonReport.ReadAsync(Store, UsageFilter.All, scope, withQueues: true, Cancel));
        Assert.Equal("Missing: 2 records once stored. Deleted by another program, or lost.", gone.Message);
        Assert.Equal((DifferenceKind.Queues, null, null, null, 1L, 3L), (gone.Kind, gone.CustomerId, gone.Start, gone.BucketEvents, gone.RecordEvents, gone.QueueRecords));

        for (int i = 0; i < 4; i++)
            await Test.InsertAsync(Record("api", 1, Utc(2026, 1, 1)), "true");
        await Store.UpdateSummaryAsync(UsageFilter.All, scope.Range, Cancel);
        UsageDifference extra = Assert.Single(await ComparisonReport.ReadAsync(Store, UsageFilter.All, scope, withQueues: true, Cancel));
        Assert.Equal("Unaccounted for: 2 records marked as counted that came through no queue. Written by another program with aggregated set.", extra.Message);
        Assert.Equal((5L, 3L), (extra.RecordEvents, extra.QueueRecords));
    }
}
