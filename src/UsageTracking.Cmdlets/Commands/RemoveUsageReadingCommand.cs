using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Session;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "UsageReading", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveUsageReadingCommand : UsageCmdlet
{
    private StoreConnection _connection = null!;
    private ReadingRecorder _recorder = null!;
    private TimeZoneInfo _zone = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string Service { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Meter { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public object? Timestamp { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string? CustomerId { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _zone = ZoneOf(TimeZone);
        _connection = Session.Connection;
        Wait(_connection.PrepareAsync(Cancel));
        // What is left of a period may be carried over into the next.
        FlushPending(_connection);
        _recorder = new ReadingRecorder(_connection.Store, _connection.Catalogue!, new QuotaLimits(_connection.Store));
    }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        string customer = CustomerId is null ? CallersCustomer : CustomerIds.Check(CustomerId);
        DateTimeOffset readAt = TimeInput.From(Unwrap.Base(Timestamp)).Start(_zone);
        MeterReading reading = Wait(_recorder.FindAsync(customer, _connection.Catalogue!.Get(Service), Meter, readAt, Cancel));
        if (ShouldProcess(reading.CustomerId, $"remove {reading} from {_connection.Store.Address}"))
            Wait(_recorder.RemoveAsync(reading, Cancel));
    }
}
