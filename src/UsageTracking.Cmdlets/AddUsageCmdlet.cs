using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Session;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>What adds a record to the queue of the connected store.</summary>
public abstract class AddUsageCmdlet : UsageCmdlet
{
    private StoreConnection _connection = null!;
    private string _customerId = null!;
    private TimeZoneInfo _zone = null!;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _connection = Session.Connection;
        Wait(_connection.TryPrepareAsync(Cancel));
        _zone = TimeZone is null ? Session.Options.TimeZone : Zones.Find(TimeZone);
        _customerId = Session.CustomerId;
    }

    /// <summary>Every record that cannot be added is an error of its own; the rest goes on. Only a queue that stays full ends the call.</summary>
    protected override bool EndsTheCall(UsageException error) => error.Kind == UsageErrorKind.LimitReached;

    /// <summary>Checks a record and hands it to the queue.</summary>
    protected void Add(RecordInput input)
    {
        input.CustomerId ??= _customerId;
        UsageRecord record = input.Check(_zone, DateTimeOffset.UtcNow);
        if (_connection.Catalogue is { } catalogue)
            record = catalogue.Resolve(record);

        _connection.Queue.Add(record, Cancel);
        if (PassThru)
            WriteObject(new AddedUsageRecord(record, _zone));
    }
}
