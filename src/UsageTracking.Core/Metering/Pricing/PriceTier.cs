using System.Collections;
using System.Globalization;

namespace UsageTracking.Metering.Pricing;

/// <summary>One tier of a price.</summary>
/// <param name="UpTo">The last quantity in it; null for the last tier, which has no end.</param>
/// <param name="UnitCost">The price of one unit in it.</param>
/// <param name="FlatFee">What reaching it costs besides.</param>
public sealed record PriceTier(decimal? UpTo, decimal UnitCost, decimal FlatFee = 0)
{
    /// <summary>The tier as text, such as <c>5000:0.008+2.5</c>.</summary>
    public override string ToString() => $"{(UpTo is { } end ? Text(end) : "*")}:{Text(UnitCost)}{(FlatFee == 0 ? "" : "+" + Text(FlatFee))}";

    private static string Text(decimal number) => ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture);
}

/// <summary>The tiers of a price, lowest first. As text, which stores and CSV files keep: <c>1000:0.01;5000:0.008+2.5;*:0.005</c>.</summary>
public sealed class PriceTiers(IReadOnlyList<PriceTier> tiers) : IReadOnlyList<PriceTier>
{
    /// <summary>No tiers.</summary>
    public static PriceTiers None { get; } = new([]);

    /// <inheritdoc/>
    public int Count => tiers.Count;

    /// <inheritdoc/>
    public PriceTier this[int index] => tiers[index];

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="UsageException"><c>InvalidPrice</c>, or what is wrong with a number.</exception>
    public static PriceTiers Parse(string text) => new(
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part =>
        {
            int colon = part.IndexOf(':', StringComparison.Ordinal);
            string[] costs = part[(colon + 1)..].Split('+');
            if (colon < 0 || costs.Length > 2)
                throw UsageException.Invalid("InvalidPrice", $"'{part}' is no tier. Write '1000:0.01' for up to 1000 units at 0.01 each, '*:0.005' for all beyond, and '+2' behind either for a flat fee.", text);

            string upTo = part[..colon].Trim();
            return new PriceTier(
                upTo is "*" or "" ? null : Quantity.Read(upTo, "tier's end"), Quantity.ReadUnitCost(costs[0]), costs.Length > 1 ? Quantity.ReadUnitCost(costs[1]) : 0);
        })]);

    /// <inheritdoc/>
    public IEnumerator<PriceTier> GetEnumerator() => tiers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => string.Join(';', tiers);
}
