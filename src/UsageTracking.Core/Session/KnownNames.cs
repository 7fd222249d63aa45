using System.Text.Json;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Session;

/// <summary>
/// Names that the connected store knows, for whoever is typing one: never an error, never a wait that is felt, and nothing
/// is created. Safe for use from several threads.
/// </summary>
/// <param name="session">Which store is connected.</param>
public sealed class KnownNames(UsageSession session)
{
    // Keys are looked for in so many of the newest records.
    private const int Sampled = 200;
    private const int SampledDays = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    // What comes too late for one key press is there for the next; later than this nobody waits for it any more.
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <summary>The services, in catalogue order.</summary>
    public IReadOnlyList<Service> Services() => Guard(connection => connection.Catalogue?.Services
        ?? Ask(connection, "services", async (store, cancel) => (await store.GetCatalogueAsync(cancel)).Services));

    /// <summary>The customers, by id.</summary>
    public IReadOnlyList<Customer> Customers() =>
        Guard(connection => Ask(connection, "customers", (store, cancel) => store.GetCustomersAsync(cancel)));

    /// <summary>Top-level keys of the metadata of recent records, those that most have first.</summary>
    /// <param name="customerIds">The customers.</param>
    /// <param name="services">The services; none for all.</param>
    public IReadOnlyList<string> MetadataKeys(IReadOnlyList<string> customerIds, IReadOnlyList<string> services) => Guard(connection => Ask(
        connection, string.Join('\0', ["keys", .. customerIds, "", .. services]),
        (store, cancel) => ReadKeysAsync(store, new UsageFilter(customerIds, services.Count == 0 ? null : services), cancel)));

    private IReadOnlyList<T> Guard<T>(Func<StoreConnection, IReadOnlyList<T>> read)
    {
        try
        {
            return read(session.Connection);
        }
        catch (UsageException)
        {
            // An environment variable that names no store, say.
            return [];
        }
    }

    private IReadOnlyList<T> Ask<T>(
        StoreConnection connection, string what, Func<IUsageStore, CancellationToken, Task<IReadOnlyList<T>>> question)
    {
        IUsageStore store = connection.Store;
        string key = store.Address + "\0" + what;
        Answer? answer;
        lock (_answers)
        {
            _answers.TryGetValue(key, out answer);
            // Another connection to the same store may see other things.
            if (answer is null || answer.Store != store || (answer.Task.IsCompleted && answer.IsStale))
            {
                object? last = answer is { Task.IsCompleted: true } && answer.Store == store ? answer.Task.Result : null;
                answer = new Answer(store, Task.Run(() => TryAsync(store, question, last)), last);
                _answers[key] = answer;
            }
        }

        return (IReadOnlyList<T>?)(answer.Task.Wait(Patience) ? answer.Task.Result : answer.Last) ?? [];
    }

    /// <summary>The answer; the last one where there is none now.</summary>
    private static async Task<object?> TryAsync<T>(
        IUsageStore store, Func<IUsageStore, CancellationToken, Task<IReadOnlyList<T>>> question, object? last)
    {
        using var patience = new CancellationTokenSource(LongestQuestion);
        try
        {
            return (await store.GetStateAsync(patience.Token)).IsInitialized ? await question(store, patience.Token) : null;
        }
        catch (Exception error) when (error is UsageException or OperationCanceledException or ObjectDisposedException)
        {
            return last;
        }
    }

    private static async Task<IReadOnlyList<string>> ReadKeysAsync(IUsageStore store, UsageFilter filter, CancellationToken cancel)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var range = new TimeRange(now.AddDays(-SampledDays), now.AddDays(1));
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (StoredRecord record in store.ReadRecordsAsync(filter, range, Sampled, false, cancel))
        {
            using JsonDocument metadata = JsonDocument.Parse(record.Metadata.Utf8);
            foreach (JsonProperty property in metadata.RootElement.EnumerateObject())
                counts[property.Name] = counts.GetValueOrDefault(property.Name) + 1;
        }

        return [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key)];
    }

    private sealed record Answer(IUsageStore Store, Task<object?> Task, object? Last)
    {
        private readonly long _askedAt = Environment.TickCount64;

        public bool IsStale => Environment.TickCount64 - _askedAt > Freshness.TotalMilliseconds;
    }
}
