using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Copies;

/// <summary>
/// What a store's rows come to: for records and buckets their number and sums per customer, service and month, for other tables
/// their number; and everywhere a checksum over all columns but those that engines write differently, which are JSON's.
/// </summary>
internal sealed class CopyDigest
{
    private readonly Dictionary<CopyPart, Sums> _parts = [];

    /// <summary>Reads all of a store.</summary>
    public static async Task<CopyDigest> ReadAsync(ICopySource source, CopyProgress progress, CancellationToken cancel)
    {
        var digest = new CopyDigest();
        foreach (CopyTable table in CopyTables.All)
        {
            await foreach (IReadOnlyList<string?[]> page in source.ReadAsync(table, [], null, cancel))
            {
                digest.Add(table, page);
                cancel.ThrowIfCancellationRequested();
                if (table == CopyTables.Records)
                    progress.Add(page.Count);
            }
        }

        return digest;
    }

    public void Add(CopyTable table, IReadOnlyList<string?[]> rows)
    {
        var columns = new Columns(table);
        CopyPart? part = null;
        Sums sums = null!;
        foreach (string?[] row in rows)
        {
            // Rows come mostly in the order of their parts.
            if (part is null || !columns.IsOf(part, row))
            {
                part = columns.PartOf(row);
                if (!_parts.TryGetValue(part, out sums!))
                    _parts.Add(part, sums = new Sums());
            }

            columns.Add(row, sums);
        }
    }

    /// <summary>The parts in which another digest is not the same.</summary>
    public IReadOnlyList<CopyPart> Differences(CopyDigest other) =>
        [.. _parts.Keys.Union(other._parts.Keys).Where(p => !Of(p).Equals(other.Of(p)))];

    /// <summary>What a part comes to, in words.</summary>
    public string Describe(CopyPart part) => part.Table.Summed is null
        ? Wording.Count(Of(part).Rows, "row")
        : $"{Wording.Count(Of(part).Rows, "row")}, quantity {Of(part).Quantity}, cost {Of(part).Cost}";

    /// <summary>How many rows of a table there are.</summary>
    public long Count(CopyTable table) => _parts.Where(p => p.Key.Table == table).Sum(p => p.Value.Rows);

    /// <summary>The months with rows of a table.</summary>
    public IEnumerable<string> Months(CopyTable table) => _parts.Keys.Where(p => p.Table == table && p.Group is not null).Select(p => p.Group!.Month);

    private Sums Of(CopyPart part) => _parts.GetValueOrDefault(part) ?? new Sums();

    private sealed class Sums
    {
        public long Rows { get; set; }

        public ExactDecimal Quantity { get; set; }

        public ExactDecimal Cost { get; set; }

        // Of all rows, in whatever order: engines sort text differently.
        public ulong Checksum { get; set; }

        public bool Equals(Sums other) => (Rows, Checksum, Quantity, Cost) == (other.Rows, other.Checksum, other.Quantity, other.Cost);
    }

    private sealed class Columns(CopyTable table)
    {
        private readonly int _customer = table.GroupedBy is null ? -1 : table.IndexOf("customer_id");
        private readonly int _service = table.GroupedBy is null ? -1 : table.IndexOf("service_name");
        private readonly int _time = table.GroupedBy is null ? -1 : table.IndexOf(table.GroupedBy);
        private readonly int _quantity = table.Summed is null ? -1 : table.IndexOf(table.Summed.Value.Quantity);
        private readonly int _cost = table.Summed is null ? -1 : table.IndexOf(table.Summed.Value.Cost);

        public bool IsOf(CopyPart part, string?[] row) => part.Group is not { } group
            || (group.CustomerId == row[_customer] && group.Service == row[_service] && row[_time]!.StartsWith(group.Month, StringComparison.Ordinal));

        public CopyPart PartOf(string?[] row) => new(table, _time < 0 ? null : new CopyGroup(row[_customer]!, row[_service]!, row[_time]![..7]));

        public void Add(string?[] row, Sums sums)
        {
            sums.Rows++;
            sums.Checksum += Checksum(row);
            if (_quantity < 0)
                return;

            var quantity = ExactDecimal.Parse(row[_quantity]!);
            var cost = ExactDecimal.Parse(row[_cost] ?? "0");
            sums.Quantity += quantity;
            // A record has its price; a bucket its cost.
            sums.Cost += table == CopyTables.Records ? quantity * cost : cost;
        }

        // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
        private ulong Checksum(string?[] row)
        {
            const ulong Prime = 0x100000001b3;
            ulong hash = 0xcbf29ce484222325;
            for (int i = 0; i < row.Length; i++)
            {
                CopyKind kind = table.Columns[i].Kind;
                if (kind is CopyKind.Json or CopyKind.List)
                    continue;

                foreach (char c in (kind == CopyKind.Number ? Shortest(row[i]) : row[i]) ?? "")
                    hash = (hash ^ c) * Prime;

                // Neither is part of a text, so what is in two columns is not taken for what is in one.
                hash = (hash ^ (row[i] is null ? 0xffffUL : 0xfffeUL)) * Prime;
            }

            return hash;
        }

        // The engines keep zeros at the end as they came.
        private static string? Shortest(string? number) =>
            number is null || (number.IndexOfAny(['.', 'e', 'E', '+']) < 0 && number != "-0") ? number : ExactDecimal.Parse(number).ToString();
    }
}
