using System.Diagnostics;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>A clock that is set, forward or back, neither delays a record nor loses it.</summary>
public sealed class ClockTests() : OnTestStore(() => TestStore.CreateAsync(StoreKind.Sqlite))
{
    private SpoolFolder Spools => new(Test.SpoolRoot, Test.Store.Address);

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(24 * 365)]
    public async Task A_spool_of_another_time_is_taken_over_at_once(int hours)
    {
        string spool = MakeOrphan(Spools, [3, 4]);
        Redate(spool, TimeSpan.FromHours(hours));
        foreach (string file in Directory.GetFiles(spool))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(hours));
        Directory.SetLastWriteTimeUtc(spool, DateTime.UtcNow.AddHours(hours));
        await using var queue = new UsageQueue(Test.Store, new QueueSettings(int.MaxValue, TimeSpan.FromHours(1), true), Spools);

        long started = Stopwatch.GetTimestamp();
        queue.AdoptOrphans();
        await UntilEmptyAsync(queue);

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        Assert.Equal(Enumerable.Range(1, 7), await DamageTests.QuantitiesAsync(Test));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_clock_that_is_set_while_records_wait_changes_nothing_about_how_long_they_wait(int hours)
    {
        await using var queue = new UsageQueue(Test.Store, new QueueSettings(int.MaxValue, TimeSpan.FromSeconds(1), true), Spools);
        long added = Stopwatch.GetTimestamp();
        queue.Add(Numbered(1, 1)[0], Cancel);
        // As if the clock had been set back, or forward, by so much since.
        Redate(queue.Status[0].Folder!, TimeSpan.FromHours(hours));
        queue.Add(Numbered(2, 1)[0], Cancel);

        await UntilEmptyAsync(queue);

        Assert.InRange(Stopwatch.GetElapsedTime(added).TotalMilliseconds, 950, 6_000);
        Assert.Equal([1, 2], await DamageTests.QuantitiesAsync(Test));
    }

    private static async Task UntilEmptyAsync(UsageQueue queue)
    {
        long started = Stopwatch.GetTimestamp();
        while (queue.Pending > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "It did not happen.");
            await Task.Delay(10, Cancel);
        }
    }
}
