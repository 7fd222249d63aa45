using UsageTracking.Metering;
using UsageTracking.Queue.Spools;
using UsageTracking.Quotas;
using UsageTracking.Tests.Testing;
using UsageTracking.Watch;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Watch;

public sealed class UsageWatchTests
{
    private static readonly Service Api = BuiltInServices.All[0].Service;

    private readonly SetClock _clock = new(Utc(2026, 6, 20, 12));
    private Func<Task<WatchReading>> _read;
    private long _events = 100;

    public UsageWatchTests() => _read = () => Task.FromResult(new WatchReading(_clock.Now, TimeSpan.FromTicks(_clock.GetTimestamp()), _clock.Now.Date, [Usage()]));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_look_says_what_the_store_and_the_queues_say()
    {
        UsageWatch watch = Watch(Queue("here", 3), Queue("here", 4), Queue("elsewhere", 5));
        UsageSample first = (await watch.NextAsync(Cancel)).Samples.Single();
        _clock.Pass(2);
        _events += 5;
        WatchView second = await watch.NextAsync(Cancel);

        Assert.Equal((null, null, 100m, 1000m, 7L), (first.EventsPerSecond, first.QuantityPerMinute, first.Today, first.Month, first.Pending));
        Assert.Equal((2.5m, 150m, 105m, null), (second.Samples[0].EventsPerSecond, second.Samples[0].QuantityPerMinute, second.Samples[0].Today, second.Samples[0].Level));
        Assert.Equal((_clock.Now, null, 3), (second.Time, second.Problem, second.Queues.Count));
    }

    [Fact]
    public async Task A_store_that_is_away_is_shown_as_such_until_it_is_back()
    {
        UsageWatch watch = Watch();
        IReadOnlyList<UsageSample> first = (await watch.NextAsync(Cancel)).Samples;
        Func<Task<WatchReading>> answer = _read;
        _read = () => throw new UsageException(UsageErrorKind.StoreUnavailable, "StoreUnavailable", "Gone.");
        _clock.Pass(2);
        WatchView away = await watch.NextAsync(Cancel);
        _read = answer;
        _clock.Pass(2);
        _events += 4;
        WatchView back = await watch.NextAsync(Cancel);

        Assert.Equal(("Gone.", first), (away.Problem, away.Samples));
        Assert.Equal((null, 1m), (back.Problem, back.Samples[0].EventsPerSecond));
    }

    [Fact]
    public async Task A_store_that_hangs_is_not_asked_again_meanwhile()
    {
        UsageWatch watch = Watch();
        await watch.NextAsync(Cancel);
        int asked = 0;
        var answer = new TaskCompletionSource<WatchReading>();
        Func<Task<WatchReading>> read = _read;
        _read = () =>
        {
            asked++;
            return answer.Task;
        };
        WatchView[] hanging = [await watch.NextAsync(Cancel), await watch.NextAsync(Cancel)];
        _clock.Pass(10);
        _events += 40;
        answer.SetResult(await read());
        WatchView back = await watch.NextAsync(Cancel);

        Assert.All(hanging, v => Assert.Equal("The store here does not answer.", v.Problem));
        Assert.Equal((1, null, 4m), (asked, back.Problem, back.Samples[0].EventsPerSecond));
    }

    [Fact]
    public async Task The_first_look_fails_as_any_report_does()
    {
        _read = () => throw new UsageException(UsageErrorKind.StoreUnavailable, "StoreUnavailable", "Gone.");

        await Assert.ThrowsAsync<UsageException>(() => Watch().NextAsync(Cancel));
    }

    [Fact]
    public async Task It_ends_at_once_even_where_the_store_hangs()
    {
        using var stop = new CancellationTokenSource();
        UsageWatch watch = Watch(patience: TimeSpan.FromMinutes(1));
        await watch.NextAsync(Cancel);
        _read = () => new TaskCompletionSource<WatchReading>().Task;
        Task<WatchView> look = watch.NextAsync(stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look.WaitAsync(TimeSpan.FromSeconds(1), Cancel));
    }

    private UsageWatch Watch(params SpoolStatus[] queues) => Watch(TimeSpan.FromMilliseconds(20), queues);

    private UsageWatch Watch(TimeSpan patience, params SpoolStatus[] queues)
    {
        var question = new WatchQuestion { Customers = ["acme"], Services = [Api], Zone = TimeZoneInfo.Utc, Thresholds = new AlertThresholds(75, 90, 100) };
        return new UsageWatch("here", question, () => queues, (_, _) => _read(), _clock) { Every = TimeSpan.FromMilliseconds(1), Patience = patience };
    }

    private WatchedUsage Usage()
    {
        var since = new Amount(_events, _events);
        return new WatchedUsage("acme", Api) { SinceLastDay = since, SinceToday = since, Today = _events, Month = 1000 };
    }

    private static SpoolStatus Queue(string store, long records) => new(store, Guid.NewGuid(), 1, "machine", true, records, 0, null, null, null);
}
