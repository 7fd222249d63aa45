namespace UsageTracking.Tests.Testing;

/// <summary>A clock that shows what it is set to. It may be set back; the time that passes does not mind.</summary>
public sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    private long _passed;

    public DateTimeOffset Now { get; set; } = now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Pass(double seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        Now += span;
        _passed += span.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => _passed;
}
