using System.Data;
using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// Finds quantities by their rank. Sorting a large table of decimals takes longer than reading it: a sample says about where
/// the ranks lie, and one pass counts what is below, between and above those places, and every single quantity at them.
/// Where the sample misled, or there was none, further passes look closer.
/// </summary>
internal sealed class PostgresQuantiles(PostgresSource source, long fetchedAtMost = PostgresQuantiles.FetchedAtMost)
{
    // Bins are few enough to be counted in memory by several workers; the planner cannot know, and would sort. Compiling takes
    // longer than it saves.
    private const string PlanForFewBins =
        $"SET LOCAL work_mem = '64MB'; SET LOCAL enable_sort = off; SET LOCAL jit = off; {PostgresDistribution.UseOneConnection}";

    // Half the width of the median's place, in ranks: three standard errors of 30,000 sampled records.
    private const double SampleError = 0.009;

    // As many quantities as are fetched and counted here; more are narrowed down again.
    private const long FetchedAtMost = 500_000;

    private const string Where =
        $"""
        WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated AND {PostgresReader.Uncorrected}
        """;

    private const string Sample =
        $"""
        SELECT customer_id, service_name, (percentile_disc($5::float8[]) WITHIN GROUP (ORDER BY quantity))::float8[]
        FROM billing_usage_records TABLESAMPLE SYSTEM (2) REPEATABLE (0) {Where}
        GROUP BY 1, 2
        """;

    // The bounds of all places are one array, of which each customer and service has a slice: arrays of numbers of one size are
    // quick to cut, and a join to a plain function leaves the planner free to use workers. That its numbers are between one and a
    // billion keeps the planner from expecting more groups than workers are worth. A quantity at a place is a group of its own,
    // any other belongs to the group between its places, which a label names.
    private const string CountAroundPlaces =
        $"""
        SELECT customer_id, service_name, min(quantity), max(quantity), count(*)
        FROM billing_usage_records
        LEFT JOIN unnest($5::text[], $6::text[], $9::int[]) AS places (c, s, first)
        ON customer_id = c AND service_name = s AND first BETWEEN 1 AND 1000000000
        {Where}
        GROUP BY customer_id, service_name, coalesce(
            ($10::numeric[])[1 + coalesce(width_bucket(quantity::float8, ($7::float8[])[first:first + $8 - 1]), 0)], quantity)
        """;

    private const string WithinBins =
        """
        JOIN unnest($5::text[], $6::text[], $7::numeric[], $8::numeric[]) AS bin (c, s, low, high)
        ON customer_id = c AND service_name = s AND quantity BETWEEN low AND high
        """;

    private const string CountWithinBins =
        $"""
        SELECT customer_id, service_name, min(quantity), max(quantity), count(*)
        FROM billing_usage_records {WithinBins} {Where}
        GROUP BY customer_id, service_name, low, width_bucket(quantity, low, high, 4096)
        """;

    private const string CountQuantities =
        $"""
        SELECT customer_id, service_name, quantity, quantity, count(*)
        FROM billing_usage_records {WithinBins} {Where}
        GROUP BY customer_id, service_name, quantity
        """;

    public async Task<IReadOnlyList<Quantiles>> ReadAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        // All passes are to count the same records.
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await source.ActForAsync(connection, filter.CustomerIds, cancel);
        await connection.ExecuteAsync(PlanForFewBins, cancel);
        Place[] places = [.. await SampleAsync(connection, filter, range, fractions, cancel)];
        Population[] populations =
        [
            .. (await CountAsync(
                connection, CountAroundPlaces, filter, range, cancel,
                places.Select(p => p.Customer).ToArray(), places.Select(p => p.Service).ToArray(),
                places.SelectMany(p => p.Bounds).ToArray(), 2 * fractions.Count, places.Select((_, i) => (2 * fractions.Count * i) + 1).ToArray(), Labels(fractions.Count)))
                .GroupBy(b => (b.Customer, b.Service))
                .Select(g => new Population(g.Key.Customer, g.Key.Service, g, fractions)),
        ];
        while (populations.SelectMany(p => p.Unresolved).ToList() is { Count: > 0 } open)
        {
            ILookup<(string, string), Bin> narrower = (await CountAsync(
                connection, open.Sum(b => b.Count) > fetchedAtMost ? CountWithinBins : CountQuantities, filter, range, cancel,
                open.Select(b => b.Customer).ToArray(), open.Select(b => b.Service).ToArray(),
                open.Select(b => b.Low).ToArray(), open.Select(b => b.High).ToArray()))
                .ToLookup(b => (b.Customer, b.Service));
            foreach (Population population in populations)
                population.Split(narrower[(population.Customer, population.Service)]);
        }

        return [.. populations.Select(p => p.ToQuantiles())];
    }

    // None for a place; no quantity is as small as these.
    private static decimal?[] Labels(int places) =>
        [.. Enumerable.Range(0, (2 * places) + 1).Select(i => i % 2 == 1 ? (decimal?)null : decimal.MinValue + i)];

    private static async Task<List<Place>> SampleAsync(
        NpgsqlConnection connection, UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions, CancellationToken cancel)
    {
        double[] around =
        [
            .. from fraction in fractions
               let error = 2 * SampleError * Math.Sqrt((double)(fraction * (1 - fraction)))
               from edge in new[] { (double)fraction - error, (double)fraction + error }
               select Math.Clamp(edge, 0, 1),
        ];
        await using NpgsqlCommand command = Command(connection, Sample, filter, range, around);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var places = new List<Place>();
        while (await reader.ReadAsync(cancel))
        {
            double[] bounds = reader.GetFieldValue<double[]>(2);
            // Places may overlap where fractions are close to each other; bounds are in order.
            Array.Sort(bounds);
            places.Add(new Place(reader.GetString(0), reader.GetString(1), bounds));
        }

        return places;
    }

    private static async Task<IReadOnlyList<Bin>> CountAsync(
        NpgsqlConnection connection, string sql, UsageFilter filter, TimeRange range, CancellationToken cancel, params object?[] values)
    {
        await using NpgsqlCommand command = Command(connection, sql, filter, range, values);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var bins = new List<Bin>();
        while (await reader.ReadAsync(cancel))
            bins.Add(new Bin(reader.GetString(0), reader.GetString(1), reader.GetDecimal(2), reader.GetDecimal(3), reader.GetInt64(4)));

        return bins;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, UsageFilter filter, TimeRange range, params object?[] values)
    {
        NpgsqlCommand command = connection.Command(
            sql,
            [
                PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services),
                range.Start.UtcDateTime, range.End.UtcDateTime, .. values,
            ]);
        command.CommandTimeout = 0;
        return command;
    }

    /// <summary>About where the ranks of one customer and service lie.</summary>
    private sealed record Place(string Customer, string Service, double[] Bounds);

    /// <summary>How many quantities of one customer and service lie between two of them, both included.</summary>
    private sealed record Bin(string Customer, string Service, decimal Low, decimal High, long Count);

    /// <summary>All quantities of one customer and service, in bins that get narrower where a rank is looked for.</summary>
    private sealed class Population
    {
        private readonly IReadOnlyList<(long Lower, long Upper)> _ranks;
        private readonly long _count;
        private List<Bin> _bins;

        public Population(string customer, string service, IEnumerable<Bin> bins, IReadOnlyList<decimal> fractions)
        {
            (Customer, Service) = (customer, service);
            _bins = [.. bins.OrderBy(b => b.Low)];
            _count = _bins.Sum(b => b.Count);
            _ranks = [.. fractions.Select(f => Percentile.Ranks(_count, f))];
        }

        public string Customer { get; }

        public string Service { get; }

        /// <summary>The bins that hold a rank whose quantity is not known yet.</summary>
        public IEnumerable<Bin> Unresolved => Wanted.Where(rank => Find(rank) is null).Select(BinOf).Distinct();

        private IEnumerable<long> Wanted => _ranks.SelectMany(r => new[] { r.Lower, r.Upper }).Distinct();

        /// <summary>Puts narrower bins in the place of those that were unresolved.</summary>
        public void Split(IEnumerable<Bin> narrower)
        {
            HashSet<Bin> open = [.. Unresolved];
            _bins = [.. _bins.Where(b => !open.Contains(b)).Concat(narrower).OrderBy(b => b.Low)];
        }

        public Quantiles ToQuantiles() => new(
            Customer, Service, _count, [.. _ranks.Select(r => (Find(r.Lower)!.Value, Find(r.Upper)!.Value))]);

        private decimal? Find(long rank)
        {
            (Bin bin, long before) = Locate(rank);
            return rank == before ? bin.Low : rank == before + bin.Count - 1 ? bin.High : bin.Low == bin.High ? bin.Low : null;
        }

        private Bin BinOf(long rank) => Locate(rank).Bin;

        private (Bin Bin, long Before) Locate(long rank)
        {
            long before = 0;
            foreach (Bin bin in _bins)
            {
                if (rank < before + bin.Count)
                    return (bin, before);

                before += bin.Count;
            }

            throw new InvalidOperationException("There are fewer quantities than were counted.");
        }
    }
}
