using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>What one customer used of one service in one period.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Period">The index of the period: it lies between bounds [Period] and [Period + 1].</param>
/// <param name="Figures">The figures.</param>
public readonly record struct PeriodFigures(string CustomerId, string Service, int Period, Figures Figures);

/// <summary>Figures of some usage, exact. A correction counts as minus one event and its negative quantity.</summary>
/// <param name="Events">How many events.</param>
/// <param name="Quantity">Their quantities' sum.</param>
/// <param name="Cost">The sum of quantity times unit cost.</param>
/// <param name="Minimum">The smallest quantity of one event; null where there is none.</param>
/// <param name="Maximum">The largest quantity of one event; null where there is none.</param>
public sealed record Figures(long Events, ExactDecimal Quantity, ExactDecimal Cost, decimal? Minimum, decimal? Maximum)
{
    /// <summary>Of no usage.</summary>
    public static Figures None { get; } = new(0, ExactDecimal.Zero, ExactDecimal.Zero, null, null);

    /// <summary>Quantity divided by events; null where there is no event.</summary>
    public decimal? Average => Events == 0 ? null : Quantity.DivideBy(Events).ToReported();

    /// <summary>Whether they are those of no usage, as where all of it was taken back.</summary>
    public bool IsNothing => Events == 0 && Quantity.Sign == 0 && Cost.Sign == 0;

    /// <summary>The figures of both together.</summary>
    public static Figures operator +(Figures a, Figures b) => new(
        a.Events + b.Events,
        a.Quantity + b.Quantity,
        a.Cost + b.Cost,
        a.Minimum is { } low && b.Minimum is { } lower ? Math.Min(low, lower) : a.Minimum ?? b.Minimum,
        a.Maximum is { } high && b.Maximum is { } higher ? Math.Max(high, higher) : a.Maximum ?? b.Maximum);
}

/// <summary>What <see cref="IUsageStore.UpdateSummaryAsync"/> changed.</summary>
/// <param name="Buckets">Buckets added, changed or removed.</param>
/// <param name="Records">Records folded in and flagged.</param>
public readonly record struct SummaryUpdate(long Buckets, long Records);
