using System.Collections.Concurrent;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.CommitProxy;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

/// <summary>Connections that break at the COMMIT, so that the client cannot know whether it took place.</summary>
public sealed class CommitReplyTests() : OnTestStore(() => TestStore.CreateAsync(StoreKind.PostgreSql))
{
    private static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true);
    private static readonly QueueSettings AllTheTime = new(20, TimeSpan.FromMilliseconds(20), true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Cut.Reply)]
    [InlineData(Cut.Request)]
    public async Task A_commit_that_is_not_answered_is_settled_by_the_same_flush(Cut cut)
    {
        using var proxy = new CommitProxy(Test.ConnectionString);
        int cuts = 2;
        var stored = new List<string>();
        proxy.AtCommit = () =>
        {
            stored.Add(Test.ScalarAsync("SELECT count(*) FROM billing_usage_records").GetAwaiter().GetResult());
            return cuts-- > 0 ? cut : Cut.None;
        };
        await using var store = new PostgresStore(proxy.ConnectionString);
        await using (var queue = new UsageQueue(store, OnlyOnFlush, new SpoolFolder(Test.SpoolRoot, store.Address)))
        {
            for (int i = 1; i <= 1_000; i++)
                queue.Add(Numbered(i), Cancel);

            FlushResult result = await queue.FlushAsync(Patience, Cancel);

            Assert.Null(result.Error);
            Assert.Equal((1_000, 0, 0, 0), (result.Committed, result.Duplicates, result.Rejected, result.Remaining));
        }

        // Where only the reply got lost, the second attempt finds everything there and has nothing to commit.
        Assert.Equal(cut == Cut.Reply ? ["0"] : ["0", "0", "0"], stored);
        Assert.Equal(1_000, await Test.AssertStoredOnceAsync([("r", 1_000)]));
    }

    [Fact]
    public async Task Commits_that_are_not_answered_while_more_is_added_cost_nothing_and_count_nothing_twice()
    {
        const int cuts = 12;
        using var proxy = new CommitProxy(Test.ConnectionString);
        var made = new ConcurrentQueue<Cut>();
        int commits = 0;
        proxy.AtCommit = () =>
        {
            // Reply, Request, None, and again.
            var cut = (Cut)(Interlocked.Increment(ref commits) % 3);
            if (cut == Cut.None || made.Count >= cuts)
                return Cut.None;

            made.Enqueue(cut);
            return cut;
        };
        int added = 0;
        long committed = 0;
        await using var store = new PostgresStore(proxy.ConnectionString);
        await using (var queue = new UsageQueue(store, AllTheTime, new SpoolFolder(Test.SpoolRoot, store.Address)))
        {
            while (made.Count < cuts)
            {
                for (int i = 0; i < 50; i++)
                    queue.Add(Numbered(++added), Cancel);

                await Task.Delay(2, Cancel);
                if (added % 1_000 == 0)
                    committed += (await queue.FlushAsync(Patience, Cancel)).Committed;

                Assert.InRange(added, 1, 100_000);
            }

            FlushResult last = await queue.FlushAsync(Patience, Cancel);

            Assert.Null(last.Error);
            Assert.Equal((added, 0, 0), (committed + last.Committed, last.Rejected, last.Remaining));
        }

        Assert.Equal((cuts / 2, cuts / 2), (made.Count(c => c == Cut.Reply), made.Count(c => c == Cut.Request)));
        Assert.Equal(added, await Test.AssertStoredOnceAsync([("r", added)]));
    }

    private static UsageRecord Numbered(int i) => Record("api", 1, Utc(2026, 1, 1), metadata: $$"""{"n":"r-{{i}}"}""");
}
