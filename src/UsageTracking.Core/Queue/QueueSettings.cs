namespace UsageTracking.Queue;

/// <summary>When the drain sends, and whether unknown customers are created. May be changed while the queue runs.</summary>
/// <param name="BatchSize">Records that wait before the drain sends at once.</param>
/// <param name="BatchTimeout">How long a record waits at most before the drain sends.</param>
/// <param name="AutoCreateCustomer">Whether the first usage of a customer creates it.</param>
public sealed record QueueSettings(int BatchSize, TimeSpan BatchTimeout, bool AutoCreateCustomer)
{
    /// <summary>100 records or 5 seconds, whichever comes first.</summary>
    public static QueueSettings Default { get; } = new(100, TimeSpan.FromSeconds(5), true);
}
