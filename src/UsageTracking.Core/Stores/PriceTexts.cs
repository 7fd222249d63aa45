using UsageTracking.Metering.Pricing;

namespace UsageTracking.Stores;

/// <summary>How the stores write what prices and invoices have of words.</summary>
internal static class PriceTexts
{
    public static string Of(PriceModel model) => model.ToString().ToLowerInvariant();

    public static PriceModel Model(string text) => Enum.Parse<PriceModel>(text, ignoreCase: true);

    public static string Of(CostKind kind) => kind.ToString().ToLowerInvariant();

    public static CostKind Kind(string text) => Enum.Parse<CostKind>(text, ignoreCase: true);
}
