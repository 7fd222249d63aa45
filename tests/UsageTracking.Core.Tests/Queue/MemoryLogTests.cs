using System.Diagnostics;
using UsageTracking.Queue;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

public sealed class MemoryLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Records_are_kept_in_order_until_they_are_stored()
    {
        using var log = new MemoryLog();
        for (int i = 1; i <= 5; i++)
            Assert.True(log.Append([Record("api", i, Utc(2026, 1, 1))], QueueSettings.Default, Cancel));

        Assert.Equal([1m, 2m, 3m], log.Peek(3).Records.Select(r => r.Quantity));
        log.MarkStored(3);

        Assert.Equal([4m, 5m], log.Peek(10).Records.Select(r => r.Quantity));
        Assert.Equal((5, 3), (log.Appended, log.Stored));
        log.MarkStored(5);
        Assert.Null(log.OldestWaiting);
    }

    [Fact]
    public void A_full_log_makes_the_caller_wait_and_then_says_so()
    {
        using var log = new MemoryLog(capacity: 2);
        QueueSettings settings = QueueSettings.Default with { FullTimeout = TimeSpan.FromMilliseconds(300) };
        log.Append([Record("api", 1, Utc(2026, 1, 1))], QueueSettings.Default, Cancel);
        log.Append([Record("api", 2, Utc(2026, 1, 1))], QueueSettings.Default, Cancel);

        long started = Stopwatch.GetTimestamp();
        UsageException error = Assert.Throws<UsageException>(() => log.Append([Record("api", 3, Utc(2026, 1, 1))], settings, Cancel));

        Assert.Equal("QueueFull", error.ErrorId);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(300));
        Assert.Equal(2, log.Appended);
    }

    [Fact]
    public async Task A_full_log_takes_the_record_as_soon_as_there_is_room()
    {
        using var log = new MemoryLog(capacity: 1);
        log.Append([Record("api", 1, Utc(2026, 1, 1))], QueueSettings.Default, Cancel);
        Task<bool> waiting = Task.Run(() => log.Append([Record("api", 2, Utc(2026, 1, 1))], QueueSettings.Default, Cancel), Cancel);
        await Task.Delay(100, Cancel);
        Assert.False(waiting.IsCompleted);

        log.MarkStored(1);

        Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(5), Cancel));
        Assert.Equal([2m], log.Peek(10).Records.Select(r => r.Quantity));
    }

    [Fact]
    public async Task Waiting_for_room_can_be_cancelled()
    {
        using var log = new MemoryLog(capacity: 1);
        log.Append([Record("api", 1, Utc(2026, 1, 1))], QueueSettings.Default, Cancel);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAsync<OperationCanceledException>(() => Task.Run(() => log.Append([Record("api", 2, Utc(2026, 1, 1))], QueueSettings.Default, stop.Token), Cancel));
    }
}
