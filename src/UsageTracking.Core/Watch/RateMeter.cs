using UsageTracking.Metering;

namespace UsageTracking.Watch;

/// <summary>Makes rates of sums that were read one after the other.</summary>
internal sealed class RateMeter
{
    // Queues store every 5 seconds unless told otherwise: over a shorter time rates would jump between nothing and too much.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly Queue<(TimeSpan Clock, Dictionary<(string, string), Amount> Stored)> _looks = new();
    private Dictionary<(string, string), Amount> _sinceToday = [];
    private Dictionary<(string, string), Amount> _stored = [];

    /// <summary>Takes the next reading.</summary>
    /// <returns>Events per second and quantity per minute of a customer's service; null where there is nothing to compare with.</returns>
    public Func<(string CustomerId, string Service), (decimal Events, decimal Quantity)?> Add(WatchReading reading)
    {
        bool isFirst = _looks.Count == 0;
        while (_looks.Count > 1 && reading.Clock - _looks.Peek().Clock > Window)
            _looks.Dequeue();

        // Sums of the same days are compared, so that no day that ends takes anything away.
        Dictionary<(string, string), Amount> stored = reading.Usage.ToDictionary(Key, u => isFirst
            ? new Amount()
            : _stored.GetValueOrDefault(Key(u)) + (u.SinceLastDay - _sinceToday.GetValueOrDefault(Key(u))));
        _sinceToday = reading.Usage.ToDictionary(Key, u => u.SinceToday);
        _stored = stored;
        _looks.Enqueue((reading.Clock, stored));

        (TimeSpan since, Dictionary<(string, string), Amount> before) = _looks.Peek();
        long ticks = (reading.Clock - since).Ticks;
        return key =>
        {
            if (ticks <= 0)
                return null;

            Amount more = stored.GetValueOrDefault(key) - before.GetValueOrDefault(key);
            return (Per(TimeSpan.TicksPerSecond, more.Events), Per(TimeSpan.TicksPerMinute, more.Quantity));
        };

        decimal Per(decimal unit, ExactDecimal amount) => (amount * unit).DivideBy(ticks).ToReported();
    }

    private static (string, string) Key(WatchedUsage usage) => (usage.CustomerId, usage.Service.Name);
}
