using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Readings;
using UsageTracking.Readings.Providers;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Update, "UsageReading", SupportsShouldProcess = true)]
[OutputType(typeof(UsageReading))]
public sealed class UpdateUsageReadingCommand : ReadingCmdlet
{
    private string _waitsFor = "the store";

    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string Provider { get; set; } = nameof(AndrewsArnold);

    [Parameter(Mandatory = true)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    [Parameter]
    [ValidateNotNull]
    public Uri? Uri { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string Service { get; set; } = ReadingInput.DefaultService;

    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Meter { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override string WaitsFor => _waitsFor;

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        IReadingProvider provider = ReadingProviders.Find(Provider);
        string customer = CustomerId ?? CallersCustomer;
        Prepare();
        Connection.Catalogue!.Get(Service);
        if (!ShouldProcess(customer, $"ask {provider.Name} what is left of each line, and record it in {Connection.Store.Address}"))
            return;

        IReadOnlyList<ProviderReading> answer = Ask(provider);
        ProviderReading[] wanted = [.. answer.Where(r => NameSelection.Matches(Meter, r.Meter))];
        if (wanted.Length == 0)
        {
            throw new UsageException(UsageErrorKind.NotFound, "MeterNotFound",
                $"{provider.Name} tells of no line '{string.Join("', '", Meter)}'. It tells of: {string.Join(", ", answer.Select(r => r.Meter))}.", Meter);
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        Record([.. wanted.Select(r => Check(r, customer, now))], Session.Options.TimeZone);
    }

    private IReadOnlyList<ProviderReading> Ask(IReadingProvider provider)
    {
        try
        {
            _waitsFor = provider.Name;
            return Wait(new ProviderClient().ReadAsync(provider, Uri, Credential!.GetNetworkCredential(), Cancel));
        }
        finally
        {
            _waitsFor = "the store";
        }
    }

    private MeterReading Check(ProviderReading reading, string customer, DateTimeOffset now)
    {
        var input = new ReadingInput { CustomerId = customer, Service = Service, Meter = reading.Meter };
        input.Put(reading.Kind, reading.InBytes, reading.Value);
        return input.Check(Connection.Catalogue!, TimeZoneInfo.Utc, now);
    }
}
