using System.Globalization;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The tables of services and prices.</summary>
internal static class SqlitePrices
{
    private const string Now = "strftime('%Y-%m-%d %H:%M:%f000Z', 'now')";

    public static int SetService(SqliteConnection connection, Service service)
    {
        Service? before = SqliteSettings.ReadCatalogue(connection).Services.FirstOrDefault(s => s.Name == service.Name);
        if (before is not null && (before.Unit != service.Unit || before.CountsBytes != service.CountsBytes)
            && connection.Scalar(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM usage_buckets WHERE service_name = $1)
                            OR EXISTS (SELECT 1 FROM billing_usage_records WHERE service_name = $1)
                """, service.Name) is not null)
        {
            throw StoreErrors.UnitFixed(service, before);
        }

        return connection.Execute(
            """
            INSERT INTO usage_services (service_name, unit, counts_bytes, sort_order) VALUES ($1, $2, $3, $4)
            ON CONFLICT (service_name) DO UPDATE SET unit = excluded.unit, counts_bytes = excluded.counts_bytes, sort_order = excluded.sort_order
            """,
            service.Name, service.Unit, service.CountsBytes, service.SortOrder);
    }

    public static int Set(SqliteConnection connection, Price price)
    {
        string day = price.InForceFrom.ToString("o", CultureInfo.InvariantCulture);
        connection.Execute(
            $"""
            UPDATE usage_prices SET removed_at = {Now}
            WHERE service_name = $1 AND customer_id IS $2 AND plan_name IS $3 AND in_force_from = $4 AND removed_at IS NULL
            """,
            price.Service, price.CustomerId, price.PlanName, day);
        return connection.Execute(
            $"""
            INSERT INTO usage_prices (service_name, customer_id, plan_name, in_force_from, unit_cost, model, tiers, package_size, set_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {Now})
            """,
            price.Service, price.CustomerId, price.PlanName, day, SqliteText.Number(price.UnitCost), PriceTexts.Of(price.Model), price.Tiers.ToString(),
            price.PackageSize is { } size ? SqliteText.Number(size) : null);
    }

    public static int Remove(SqliteConnection connection, long id) =>
        connection.Execute($"UPDATE usage_prices SET removed_at = {Now} WHERE price_id = $1 AND removed_at IS NULL", id);

    public static IReadOnlyList<Price> Read(SqliteConnection connection, string where, params object?[] values) =>
    [
        .. connection.Query(
            $"""
            SELECT price_id, service_name, customer_id, plan_name, in_force_from, unit_cost, model, tiers, package_size, set_at, removed_at
            FROM usage_prices WHERE {where}
            """, values)
            .Select(r => new Price(
                r.GetString(1), r.TextAt(2), r.TextAt(3), DateOnly.ParseExact(r.GetString(4), "o", CultureInfo.InvariantCulture), SqliteText.Number(r.GetString(5)))
            {
                Id = r.GetInt64(0),
                Model = PriceTexts.Model(r.GetString(6)),
                Tiers = PriceTiers.Parse(r.GetString(7)),
                PackageSize = r.NumberAt(8),
                SetAt = SqliteText.Time(r.GetString(9)),
                RemovedAt = r.TextAt(10) is { } removed ? SqliteText.Time(removed) : null,
            }),
    ];
}
