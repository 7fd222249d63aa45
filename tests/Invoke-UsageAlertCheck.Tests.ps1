BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    # What the view shows, without the customer's heading.
    function Get-View([object[]] $Alert) {
        ($Alert | Out-String -Width 200) -replace '\x1b\[[0-9;]*m' -split '\r?\n' | Where-Object { $_.Trim() -and $_ -notlike '*Alerts of:*' }
    }

    # A row per alert: its level, whether a higher one covered it, and whether it was handed over.
    function Get-Row([string] $Service = 'api') {
        $columns = $store.Path ? 'level, is_covered, delivered_at is not null' : 'level, is_covered::int, (delivered_at is not null)::int'
        Invoke-Sql $store "select $columns from usage_alerts where customer_id = '$customer' and service_name = '$Service' and rule = 'Threshold' order by level desc, alert_id"
    }

    # As another program takes usage back.
    function Add-Correction([string] $Service, [decimal] $Quantity) {
        $time = ConvertTo-SqlTime $store (Get-Day -1)
        Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, recorded_at) values ('$customer', '$Service', '-$Quantity', '$time')"
        $null = Update-UsageSummary
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Invoke-UsageAlertCheck on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:start = Get-Day -15
            $script:anchor = @{ AnchorDay = $start.Day }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'has these properties' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 80
            $alert = Invoke-UsageAlertCheck
            $alert.psobject.Properties.Name | Should -Be @(
                'Time', 'CustomerId', 'Service', 'Level', 'Usage', 'Limit', 'Percent', 'Unit', 'Message', 'Rule', 'PeriodStart', 'PeriodEnd', 'DeliveredAt')
            $alert.CustomerId, $alert.Service, $alert.Usage, $alert.Limit, $alert.Percent, $alert.Unit | Should -Be $customer, api, 80, 100, 80, requests
            "$($alert.Level) $($alert.Rule)" | Should -Be 'Warning Threshold'
            $alert.PeriodStart | Should -Be $start
            [math]::Abs(([datetimeoffset]::UtcNow - $alert.Time).TotalMinutes) | Should -BeLessThan 1
        }

        It 'prints nself''s lines' {
            Set-UsageQuota api 100000 @anchor
            Set-UsageQuota storage 10 @anchor
            Set-UsageQuota bandwidth 100 @anchor
            Add-UsageRecord api 78000
            # A little more, since the hours go on.
            Add-UsageRecord storage (9.2002 * ([datetimeoffset]::UtcNow - $start).TotalHours) -Timestamp $start
            Add-UsageRecord bandwidth 105
            $alerts = @(Invoke-UsageAlertCheck)
            Get-View $alerts | Should -Be @(
                'WARNING: api usage at 78% - 78000/100000'
                'CRITICAL: storage usage at 92% - 9.2GB/10GB'
                'QUOTA EXCEEDED: bandwidth - 105GB/100GB (105%)'
            )
            $alerts[0].Message | Should -Be 'WARNING: api usage at 78% - 78000/100000'
            ($alerts[0] | Out-String) -replace '\x1b\[[0-9;]*m' | Should -Match "(?m)^ +Alerts of: $customer\s*$"
        }

        It 'raises each level once' {
            Set-UsageQuota api 100 @anchor
            $seen = foreach ($more in 74, 1, 1, 14, 0.5, 9, 0.5, 30) {
                Add-UsageRecord api $more
                "$(Invoke-UsageAlertCheck | ForEach-Object Message)"
            }
            $seen | Should -Be @(
                '', 'WARNING: api usage at 75% - 75/100', '', 'CRITICAL: api usage at 90% - 90/100', '', ''
                'QUOTA EXCEEDED: api - 100/100 (100%)', ''
            )
            Get-Row | Should -Be 'Warning|0|1', 'Exceeded|0|1', 'Critical|0|1'
        }

        It 'raises only the highest of several passed at once, and none of the lower ones later' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 130
            $alert = Invoke-UsageAlertCheck
            "$($alert.Level)" | Should -Be Exceeded
            Get-Row | Should -Be 'Warning|1|0', 'Exceeded|0|1', 'Critical|1|0'
            Add-Correction api 35
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-Correction api 15
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-UsageRecord api 60
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
        }

        It 'does not repeat a level after a correction' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 80
            @(Invoke-UsageAlertCheck).Count | Should -Be 1
            Add-Correction api 50
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-UsageRecord api 50
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-UsageRecord api 11
            "$((Invoke-UsageAlertCheck).Level)" | Should -Be Critical
        }

        It 'compares without rounding: 9,951 of 10,000 is Critical, and reads 99%' {
            Set-UsageQuota api 10000 @anchor
            Add-UsageRecord api 9951
            $alert = Invoke-UsageAlertCheck
            "$($alert.Level) $($alert.Percent)" | Should -Be 'Critical 99.51'
            $alert.Message | Should -Be 'CRITICAL: api usage at 99% - 9951/10000'
            Add-UsageRecord api 48.999999
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-UsageRecord api 0.000001
            (Invoke-UsageAlertCheck).Message | Should -Be 'QUOTA EXCEEDED: api - 10000/10000 (100%)'
        }

        It 'takes any use of a limit of 0 for exceeded' {
            Set-UsageQuota api 0 @anchor
            Set-UsageQuota bandwidth 0 @anchor
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-UsageRecord api 2
            $alert = Invoke-UsageAlertCheck
            "$($alert.Service) $($alert.Level) <$($alert.Percent)>" | Should -Be 'api Exceeded <>'
            $alert.Message | Should -Be 'QUOTA EXCEEDED: api - 2/0'
            (Get-UsageAlert).ToLogLine() | Should -BeLike '* exceeded ALERT for api: 2/0'
        }

        It 'has limits of half a unit' {
            Set-UsageQuota compute 0.5 @anchor
            Add-UsageCompute 1620
            (Invoke-UsageAlertCheck).Message | Should -Be 'CRITICAL: compute usage at 90% - 0.45/0.5'
        }

        It 'raises nothing without a quota, a limit, or units that compare' {
            Add-Plan $store $customer "p-$customer" "'database', 1, 'connections', 'hard', 'monthly'" -Start $start -End $start.AddMonths(1)
            Set-UsageQuota api -1
            'api', 'database', 'compute' | ForEach-Object { Add-UsageRecord $_ 1000 }
            Invoke-UsageAlertCheck -BurnRate | Should -BeNullOrEmpty
        }

        It 'looks at a plan''s quota too' {
            Add-Plan $store $customer "p-$customer" "'api', 10, null, 'hard', 'monthly'" -Start $start -End $start.AddMonths(1)
            Add-UsageRecord api 8
            (Invoke-UsageAlertCheck).Message | Should -Be 'WARNING: api usage at 80% - 8/10'
        }

        It 'raises again for a new limit, and for another period' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 80
            @(Invoke-UsageAlertCheck).Count | Should -Be 1
            Set-UsageQuota api 105
            (Invoke-UsageAlertCheck).Message | Should -Be 'WARNING: api usage at 76% - 80/105'
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            # As if it had been in the period before.
            Invoke-Sql $store "update usage_alerts set period_start = '$(ConvertTo-SqlTime $store (Get-Day -50))' where customer_id = '$customer' and limit_value = '105'"
            (Invoke-UsageAlertCheck).Message | Should -Be 'WARNING: api usage at 76% - 80/105'
        }

        It 'does not raise again because more came over from the period before' {
            Set-UsageQuota api 100 -Period Daily -CarryOver 10 -From (Get-Day -1)
            Add-UsageRecord api 50 -Timestamp (Get-Day -1)
            Add-UsageRecord api 95
            # 5 came over.
            (Invoke-UsageAlertCheck).Message | Should -Be 'CRITICAL: api usage at 90% - 95/105'
            Add-Correction api 10
            (Get-UsageQuota).Limit | Should -Be 106
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
        }

        It 'checks one customer by default, and several with wildcards; services too' {
            foreach ($who in 'a', 'b') {
                Set-UsageQuota api 10 @anchor -CustomerId "$customer-$who"
                Set-UsageQuota compute 10 @anchor -CustomerId "$customer-$who"
                Add-UsageRecord api 8 -CustomerId "$customer-$who"
                Add-UsageRecord compute 8 -CustomerId "$customer-$who"
            }
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Invoke-UsageAlertCheck c* -CustomerId "$customer-*" | ForEach-Object { "$($_.CustomerId -replace '.*-') $($_.Service)" } | Should -Be 'a compute', 'b compute'
            ([pscustomobject]@{ Service = 'api'; CustomerId = "$customer-b" } | Invoke-UsageAlertCheck).CustomerId | Should -Be "$customer-b"
            (Invoke-UsageAlertCheck -CustomerId "$customer-*").CustomerId | Should -Be "$customer-a"
            { Invoke-UsageAlertCheck nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Invoke-UsageAlertCheck -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'takes the levels from the options' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 50
            Set-UsageOption -AlertWarning 40 -AlertCritical 50.5 -AlertExceeded 120
            try {
                "$((Invoke-UsageAlertCheck).Level)" | Should -Be Warning
                Add-UsageRecord api 0.5
                "$((Invoke-UsageAlertCheck).Level)" | Should -Be Critical
                Add-UsageRecord api 60
                Invoke-UsageAlertCheck | Should -BeNullOrEmpty
                Add-UsageRecord api 9.5
                (Invoke-UsageAlertCheck).Message | Should -Be 'QUOTA EXCEEDED: api - 120/100 (120%)'
            }
            finally { Set-UsageOption -AlertWarning 75 -AlertCritical 90 -AlertExceeded 100 }
        }

        It 'takes the levels from the environment' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 30
            $null = Invoke-UsageFlush
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            $env:USAGE_ALERT_WARNING = '25.5'
            try {
                $message = Invoke-OtherPwsh -ArgumentList $address, $customer {
                    param($address, $customer)
                    Connect-UsageStore @address -CustomerId $customer
                    (Invoke-UsageAlertCheck).Message
                }
            }
            finally { $env:USAGE_ALERT_WARNING = $null }
            $message | Should -Be 'WARNING: api usage at 30% - 30/100'
        }

        It 'is not repeated by another process' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 80
            @(Invoke-UsageAlertCheck).Count | Should -Be 1
            Add-UsageRecord api 15
            $null = Invoke-UsageFlush
            $there = Invoke-OtherPwsh -ArgumentList $address, $customer {
                param($address, $customer)
                Connect-UsageStore @address -CustomerId $customer
                (Invoke-UsageAlertCheck).Message
                Invoke-UsageAlertCheck
            }
            $there | Should -Be 'CRITICAL: api usage at 95% - 95/100'
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
        }

        It 'gives one alert where two processes check at once' {
            $customers = 1..15 | ForEach-Object { "$customer-$_" }
            foreach ($one in $customers) {
                foreach ($service in 'api', 'bandwidth') {
                    Set-UsageQuota $service 100 @anchor -CustomerId $one
                    Add-UsageRecord $service 95 -CustomerId $one
                }
            }
            $null = Invoke-UsageFlush
            $address | Export-Clixml "$TestDrive/address.xml"
            Remove-Item "$TestDrive/go*", "$TestDrive/ready*"
            Set-Content "$TestDrive/check.ps1" @"
Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'
`$address = Import-Clixml '$TestDrive/address.xml'
Connect-UsageStore @address
`$null = Get-UsageQuota
New-Item "$TestDrive/ready-`$PID" | Out-Null
while (-not (Test-Path '$TestDrive/go')) { Start-Sleep -Milliseconds 5 }
Invoke-UsageAlertCheck -CustomerId '$customer-*' -Action { [Console]::WriteLine("`$(`$_.CustomerId) `$(`$_.Service) `$(`$_.Level)") } | Out-Null
"@
            $checkers = foreach ($i in 1, 2) {
                $begin = [System.Diagnostics.ProcessStartInfo]::new('pwsh', [string[]] ('-NoProfile', '-NonInteractive', '-File', "$TestDrive/check.ps1"))
                $begin.RedirectStandardOutput = $begin.RedirectStandardError = $true
                $process = [System.Diagnostics.Process]::Start($begin)
                [pscustomobject]@{ Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Errors = $process.StandardError.ReadToEndAsync() }
            }
            for ($i = 0; $i -lt 600 -and (Get-Item "$TestDrive/ready-*" -ErrorAction Ignore).Count -lt 2; $i++) { Start-Sleep -Milliseconds 50 }
            $null = New-Item "$TestDrive/go"
            $checkers.Process.WaitForExit()
            "$($checkers.Errors.Result)".Trim() | Should -BeNullOrEmpty
            $lines = $checkers.Output.Result -split '\r?\n' | Where-Object { $_ } | Sort-Object
            $expected = $customers | ForEach-Object { "$_ api Critical"; "$_ bandwidth Critical" } | Sort-Object
            $lines | Should -Be $expected
            Invoke-Sql $store "select count(*) from usage_alerts where customer_id like '$customer-%' and delivered_at is not null" | Should -Be 30
        }

        It 'raises nothing with -WhatIf' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 80
            Get-HostText { Invoke-UsageAlertCheck -WhatIf | Should -BeNullOrEmpty } | Should -BeLike '*raise the alerts of 1 quota*'
            Get-Row | Should -BeNullOrEmpty
            @(Invoke-UsageAlertCheck).Count | Should -Be 1
        }

        Context '-Action' {
            BeforeEach {
                Set-UsageQuota api 100 @anchor
                Add-UsageRecord api 80
            }

            It 'gets the alert as $_ and as $args[0], once; what it writes is dropped' {
                $seen = [System.Collections.Generic.List[object]]::new()
                $output = @(Invoke-UsageAlertCheck -Action { $seen.Add($_); $seen.Add($args[0]); $seen.Add($args.Count); 'dropped' })
                $output.Count | Should -Be 1
                $seen.Count | Should -Be 3
                $seen[0].Message, $seen[1].Message, $seen[2] | Should -Be 'WARNING: api usage at 80% - 80/100', 'WARNING: api usage at 80% - 80/100', 1
                $seen[0].GetType().FullName | Should -Be 'UsageTracking.Quotas.UsageAlert'
                Invoke-UsageAlertCheck -Action { $seen.Add('again') } | Should -BeNullOrEmpty
                $seen.Count | Should -Be 3
                Get-Row | Should -Be 'Warning|0|1'
            }

            It 'that fails leaves the alert undelivered, and the next check tries again: <Name>' -ForEach @(
                @{ Name = 'throw'; Action = { throw 'no mail today' }; Reason = 'no mail today' }
                @{ Name = 'Write-Error'; Action = { Write-Error 'no mail today' }; Reason = 'no mail today' }
                @{ Name = 'an error of a cmdlet'; Action = { Get-Item /nosuch/no-mail-today }; Reason = 'Cannot find path*no-mail-today*' }
                @{ Name = 'an exit code other than 0'; Action = { sqlite3 -batch -bail :memory: 'select no-mail-today' 2>&1 }; Reason = 'Program*ended with non-zero exit code: 1*' }
                @{ Name = 'a .NET exception'; Action = { [int]::Parse('no mail today') }; Reason = '*no mail today*' }
            ) {
                $output = Invoke-UsageAlertCheck -Action $Action -ErrorAction SilentlyContinue -ErrorVariable errors
                $output | Should -BeNullOrEmpty
                $failed = @($errors | Where-Object FullyQualifiedErrorId -Like 'AlertActionFailed,*')
                $failed.Count | Should -Be 1
                $failed[0].TargetObject.Message | Should -Be 'WARNING: api usage at 80% - 80/100'
                $failed[0].Exception.Message | Should -BeLike "*'WARNING: api usage at 80% - 80/100' of '$customer': $Reason The next check tries again."
                Get-Row | Should -Be 'Warning|0|0'
                (Get-UsageAlert).DeliveredAt | Should -Be $null

                Invoke-UsageAlertCheck -Action $Action -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
                $alert = Invoke-UsageAlertCheck -Action { $null = $_ }
                $alert.Message | Should -Be 'WARNING: api usage at 80% - 80/100'
                Get-Row | Should -Be 'Warning|0|1'
                Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            }

            It 'is told of a program''s failure by name, and of a success not at all' {
                Invoke-UsageAlertCheck -Action { sqlite3 -batch -bail :memory: 'select 1' } | Should -Not -BeNullOrEmpty
            }

            It 'does not change what is an error for the caller' {
                $native = $PSNativeCommandUseErrorActionPreference
                $null = Invoke-UsageAlertCheck -Action { $null = 1 }
                $ErrorActionPreference | Should -Be Stop
                $PSNativeCommandUseErrorActionPreference | Should -Be $native
            }

            It 'of one alert that fails does not hold up the others' {
                Set-UsageQuota compute 10 @anchor
                Set-UsageQuota bandwidth 10 @anchor
                Add-UsageRecord compute 8
                Add-UsageRecord bandwidth 8
                $output = Invoke-UsageAlertCheck -Action { if ($_.Service -eq 'bandwidth') { throw 'no' } } -ErrorAction SilentlyContinue
                $output.Service | Should -Be api, compute
                (Invoke-UsageAlertCheck).Service | Should -Be bandwidth
            }

            It 'that failed is tried again by another process, and by a check that raises something new' {
                Invoke-UsageAlertCheck -Action { throw 'no' } -ErrorAction SilentlyContinue
                $there = Invoke-OtherPwsh -ArgumentList $address, $customer {
                    param($address, $customer)
                    Connect-UsageStore @address -CustomerId $customer
                    Invoke-UsageAlertCheck -Action { throw 'no' } -ErrorAction SilentlyContinue
                    (Invoke-UsageAlertCheck).Message
                }
                $there | Should -Be 'WARNING: api usage at 80% - 80/100'
            }

            It 'is not tried for a lower level that a higher one has covered meanwhile' {
                Invoke-UsageAlertCheck -Action { throw 'no' } -ErrorAction SilentlyContinue
                Add-UsageRecord api 30
                (Invoke-UsageAlertCheck).Message | Should -Be 'QUOTA EXCEEDED: api - 110/100 (110%)'
                Get-Row | Should -Be 'Warning|1|0', 'Exceeded|0|1', 'Critical|1|0'
            }

            It 'of a check that was killed is run by another one, five minutes later' {
                Invoke-UsageAlertCheck -Action { throw 'no' } -ErrorAction SilentlyContinue
                $claim = "update usage_alerts set claimed_until = '{0}' where customer_id = '$customer'"
                Invoke-Sql $store ($claim -f (ConvertTo-SqlTime $store ([datetimeoffset]::UtcNow.AddMinutes(4))))
                Invoke-UsageAlertCheck | Should -BeNullOrEmpty
                Invoke-Sql $store ($claim -f (ConvertTo-SqlTime $store ([datetimeoffset]::UtcNow.AddSeconds(-1))))
                @(Invoke-UsageAlertCheck).Count | Should -Be 1
                Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            }

            It 'is not run for an alert that another check took over, since those before it took too long' {
                Set-UsageQuota compute 10 @anchor
                Add-UsageRecord compute 8
                $later = ConvertTo-SqlTime $store ([datetimeoffset]::UtcNow.AddMinutes(7))
                $seen = [System.Collections.Generic.List[string]]::new()
                $output = Invoke-UsageAlertCheck -Action {
                    $seen.Add($_.Service)
                    Invoke-Sql $store "update usage_alerts set claimed_until = '$later' where customer_id = '$customer' and service_name = 'compute'"
                }
                $output.Service | Should -Be api
                $seen | Should -Be api
                Get-Row compute | Should -Be 'Warning|0|0'
            }

            It 'ends the call with -ErrorAction Stop, and the alert comes again' {
                { Invoke-UsageAlertCheck -Action { throw 'no' } -ErrorAction Stop } | Should -Throw -ErrorId 'AlertActionFailed,*'
                @(Invoke-UsageAlertCheck).Count | Should -Be 1
            }
        }

        It 'counts an alert as handed over where nobody wants the rest' {
            Set-UsageQuota api 10 @anchor
            Add-UsageRecord api 9
            @(Invoke-UsageAlertCheck | Select-Object -First 1).Count | Should -Be 1
            Get-Row | Should -Be 'Warning|1|0', 'Critical|0|1'
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
        }

        It 'does not run an action again that has run, whatever becomes of the output' {
            Set-UsageQuota api 10 @anchor
            Add-UsageRecord api 9
            $seen = [System.Collections.Generic.List[object]]::new()
            { Invoke-UsageAlertCheck -Action { $seen.Add($_.Level) } | ForEach-Object { throw 'no room' } } | Should -Throw 'no room'
            Invoke-UsageAlertCheck -Action { $seen.Add($_.Level) } | Should -BeNullOrEmpty
            "$seen" | Should -Be Critical
        }

        It 'counts an alert as not handed over where the next cmdlet failed' {
            Set-UsageQuota api 10 @anchor
            Add-UsageRecord api 9
            { Invoke-UsageAlertCheck | ForEach-Object { throw 'no mail today' } } | Should -Throw 'no mail today'
            Get-Row | Should -Be 'Warning|1|0', 'Critical|0|0'
            @(Invoke-UsageAlertCheck).Count | Should -Be 1
        }

        Context '-IncludeActive' {
            It 'also writes what was raised before and still stands, without the action' {
                Set-UsageQuota api 100 @anchor
                Set-UsageQuota compute 10 @anchor
                Add-UsageRecord api 80
                Add-UsageRecord compute 5
                $first = Invoke-UsageAlertCheck -IncludeActive
                $first.Message | Should -Be 'WARNING: api usage at 80% - 80/100'
                $seen = [System.Collections.Generic.List[object]]::new()
                Add-UsageRecord compute 4
                Add-UsageRecord api 2
                $both = Invoke-UsageAlertCheck -IncludeActive -Action { $seen.Add($_.Service) }
                # What an alert says is of the time at which it was raised.
                $both.Message | Should -Be 'CRITICAL: compute usage at 90% - 9/10', 'WARNING: api usage at 80% - 80/100'
                $seen | Should -Be compute
            }

            It 'leaves out what stands no more' {
                Set-UsageQuota api 100 @anchor
                Add-UsageRecord api 80
                $null = Invoke-UsageAlertCheck
                Add-UsageRecord api 15
                (Invoke-UsageAlertCheck -IncludeActive).Message | Should -Be 'CRITICAL: api usage at 95% - 95/100'
                (Invoke-UsageAlertCheck -IncludeActive).Message | Should -Be 'CRITICAL: api usage at 95% - 95/100'
                Add-UsageAllowance api 100
                Invoke-UsageAlertCheck -IncludeActive | Should -BeNullOrEmpty
            }

            It 'is about the services and customers asked for' {
                Set-UsageQuota api 10 @anchor
                Set-UsageQuota compute 10 @anchor
                Add-UsageRecord api 8
                Add-UsageRecord compute 8
                $null = Invoke-UsageAlertCheck
                (Invoke-UsageAlertCheck compute -IncludeActive).Service | Should -Be compute
            }
        }

        Context '-BurnRate' {
            # Rates scale with the period: of 1,000, 20 in a 720th of it are 14.4 times what lasts, whatever its length.
            BeforeEach { Set-UsageQuota api 1000 @anchor }

            It 'raises a rate of 14.4 over an hour or so of a month, once' {
                Add-UsageRecord api 20
                Invoke-UsageAlertCheck | Should -BeNullOrEmpty
                $alert = Invoke-UsageAlertCheck -BurnRate
                "$($alert.Level) $($alert.Rule) $($alert.Service)" | Should -Be 'Critical BurnRate api'
                $alert.Message | Should -Match '^CRITICAL: api burns 14\.4 times as fast as its quota lasts - 20 of 1000 in (1 h|5\d min)$'
                $alert.Usage, $alert.Limit, $alert.Percent | Should -Be 20, 1000, 2
                Invoke-UsageAlertCheck -BurnRate | Should -BeNullOrEmpty
                @(Get-UsageAlert).Count | Should -Be 1
            }

            It 'raises nothing just below' {
                Add-UsageRecord api 19.9
                Invoke-UsageAlertCheck -BurnRate | Should -BeNullOrEmpty
            }

            It 'raises a rate of 6 over six hours or so' {
                Add-UsageRecord api 45 -Timestamp ([datetimeoffset]::UtcNow.AddHours(-3))
                Invoke-UsageAlertCheck -BurnRate | Should -BeNullOrEmpty # the last half hour was quiet
                Add-UsageRecord api 5
                $alert = Invoke-UsageAlertCheck -BurnRate
                "$($alert.Level)" | Should -Be Critical
                $alert.Message | Should -BeLike 'CRITICAL: api burns 6 times as fast as its quota lasts - 50 of 1000 in *h'
            }

            It 'raises a rate of 1 over three days or so as a warning' {
                Add-UsageRecord api 91 -Timestamp ([datetimeoffset]::UtcNow.AddDays(-2))
                Add-UsageRecord api 9 -Timestamp ([datetimeoffset]::UtcNow.AddHours(-4))
                $alert = Invoke-UsageAlertCheck -BurnRate
                "$($alert.Level)" | Should -Be Warning
                $alert.Message | Should -BeLike 'WARNING: api burns 1 times as fast as its quota lasts - 100 of 1000 in *h'
            }

            It 'raises nothing for a burst that is over' {
                Add-UsageRecord api 700 -Timestamp ([datetimeoffset]::UtcNow.AddDays(-1))
                Invoke-UsageAlertCheck -BurnRate | Should -BeNullOrEmpty
            }

            It 'stands beside the level that is reached' {
                Add-UsageRecord api 800
                (Invoke-UsageAlertCheck -BurnRate).Rule | Should -Be 'Threshold', 'BurnRate'
            }

            It 'has no rate of a level' {
                Set-UsageQuota storage 1000 @anchor
                Add-UsageRecord storage 100000
                Invoke-UsageAlertCheck -BurnRate | Should -BeNullOrEmpty
            }
        }
    }
}

Describe 'Invoke-UsageAlertCheck' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Invoke-UsageAlertCheck -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
