using UsageTracking.Queue.Spools;
using UsageTracking.Quotas;
using UsageTracking.Stores;

namespace UsageTracking.Watch;

/// <summary>Looks at a store again and again, also while it is away. For one caller at a time.</summary>
public sealed class UsageWatch
{
    private readonly string _store;
    private readonly WatchQuestion _question;
    private readonly Func<IReadOnlyList<SpoolStatus>> _queues;
    private readonly Func<DateTimeOffset?, CancellationToken, Task<WatchReading>> _read;
    private readonly TimeProvider _clock;
    private readonly RateMeter _meter = new();
    private Task<WatchReading>? _reading;
    private WatchReading? _last;
    private WatchView? _view;
    private long _looked;
    private TimeSpan _pause;

    /// <summary>Begins to watch a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="question">What to watch.</param>
    /// <param name="queues">Says how the queues stand.</param>
    /// <param name="clock">The clock; the system's by default.</param>
    public UsageWatch(IUsageStore store, WatchQuestion question, Func<IReadOnlyList<SpoolStatus>> queues, TimeProvider? clock = null)
        : this(store.Address.Text, question, queues, new WatchReader(store, question, clock ?? TimeProvider.System).ReadAsync, clock ?? TimeProvider.System)
    {
    }

    internal UsageWatch(
        string store, WatchQuestion question, Func<IReadOnlyList<SpoolStatus>> queues,
        Func<DateTimeOffset?, CancellationToken, Task<WatchReading>> read, TimeProvider clock) =>
        (_store, _question, _queues, _read, _clock) = (store, question, queues, read, clock);

    /// <summary>The time from one look to the next.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>How long a look waits for an answer before it shows that there is none. The first waits for it.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Waits until it is time, and looks.</summary>
    /// <exception cref="UsageException">At the first look only: the store cannot be asked.</exception>
    public async Task<WatchView> NextAsync(CancellationToken cancel)
    {
        if (_view is not null)
            await Task.Delay(_pause, cancel);

        _looked = _clock.GetTimestamp();
        // In the background, since a driver works before it waits. A store that hangs is not asked a second time meanwhile.
        _reading ??= Task.Run(() => _read(_last?.Today, cancel), cancel);
        if (_view is not null)
            await Task.WhenAny(_reading, Task.Delay(Patience, cancel));

        cancel.ThrowIfCancellationRequested();
        string? problem = await TakeAsync();
        IReadOnlyList<SpoolStatus> queues = await Task.Run(_queues, cancel);
        long pending = queues.Where(q => q.Store == _store).Sum(q => q.Records);
        _view = new WatchView
        {
            Store = _store,
            Time = TimeZoneInfo.ConvertTime(_clock.GetUtcNow(), _question.Zone),
            Samples = problem is null ? [.. Describe(_last!, pending)] : _view!.Samples,
            Queues = queues,
            Problem = problem,
        };
        TimeSpan taken = _clock.GetElapsedTime(_looked);
        TimeSpan rest = Every > taken ? Every - taken : TimeSpan.Zero;
        // A store that takes long to answer is left alone as long as it took.
        _pause = problem is null && taken > rest ? taken : rest;
        return _view;
    }

    /// <returns>Why there is no reading; null where there is one.</returns>
    private async Task<string?> TakeAsync()
    {
        if (_view is not null && !_reading!.IsCompleted)
            return $"The store {_store} does not answer.";

        try
        {
            _last = await _reading!;
            return null;
        }
        catch (UsageException error) when (_view is not null && error.Kind is UsageErrorKind.StoreUnavailable or UsageErrorKind.StoreNotReady)
        {
            return error.Message;
        }
        finally
        {
            _reading = null;
        }
    }

    private IEnumerable<UsageSample> Describe(WatchReading reading, long pending)
    {
        Func<(string, string), (decimal Events, decimal Quantity)?> rate = _meter.Add(reading);
        foreach (WatchedUsage usage in reading.Usage)
        {
            (decimal Events, decimal Quantity)? now = rate((usage.CustomerId, usage.Service.Name));
            QuotaStanding? quota = usage.Quota;
            yield return new UsageSample
            {
                Time = reading.Time,
                CustomerId = usage.CustomerId,
                Service = usage.Service.Name,
                Unit = usage.Service.Unit,
                EventsPerSecond = now?.Events,
                QuantityPerMinute = now?.Quantity,
                Today = usage.Today.ToReported(),
                Month = usage.Month.ToReported(),
                Limit = quota?.Limit,
                Used = quota?.Used.ToReported(),
                Percent = quota?.Percent,
                Level = quota?.LevelAt(_question.Thresholds),
                Pending = pending,
                Course = usage.Course,
            };
        }
    }
}
