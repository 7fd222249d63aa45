using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Readings;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets;

/// <summary>What records readings of meters.</summary>
public abstract class ReadingCmdlet : UsageCmdlet
{
    [Parameter]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string? CustomerId { get; set; }

    [Parameter]
    public SwitchParameter NoAllowance { get; set; }

    internal StoreConnection Connection { get; private set; } = null!;

    /// <summary>Opens the store and stores what waits: what is left of a period may be carried over into the next.</summary>
    private protected void Prepare()
    {
        Connection = Session.Connection;
        Wait(Connection.PrepareAsync(Cancel));
        FlushPending(Connection);
    }

    /// <summary>Records readings of one customer and service together, and writes what followed.</summary>
    private protected void Record(IReadOnlyList<MeterReading> readings, TimeZoneInfo zone)
    {
        var recorder = new ReadingRecorder(Connection.Store, Connection.Catalogue!, new QuotaLimits(Connection.Store))
        {
            AutoCreateCustomer = Session.Options.AutoCreateCustomer,
            RefusesAllowances = NoAllowance,
        };
        foreach (UsageReading reading in Wait(recorder.RecordAsync(readings, Cancel)))
        {
            if (reading.Interpretation is ReadingInterpretation.Reset or ReadingInterpretation.RollOver)
                WriteWarning(Explain(reading));

            WriteObject(reading with { Timestamp = TimeZoneInfo.ConvertTime(reading.Timestamp, zone) });
        }
    }

    private static string Explain(UsageReading reading) => FormattableString.Invariant(
        $"The meter '{reading.Meter}' fell from {reading.Previous} to {reading.Value} {reading.Unit}: it is taken to have {(reading.Interpretation == ReadingInterpretation.Reset ? "begun again from zero" : "gone past its last number")}, and {reading.Usage} {reading.Unit} to have been used.");
}
