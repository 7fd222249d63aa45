BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Test-UsageQuota on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:start = Get-Day -15
            $script:anchor = @{ AnchorDay = $start.Day }
        }
        AfterAll {
            $null = Invoke-UsageFlush
            Remove-TestStore $store
        }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'is true without a quota, and says nothing' {
            $answer = Test-UsageQuota api 1e9 -WarningVariable warning -Verbose 4>&1
            $answer | Should -BeOfType bool
            $answer | Should -BeTrue
            $warning | Should -BeNullOrEmpty
        }

        It 'is true where any amount may be used, hard or not' {
            Set-UsageQuota api -1 -Enforcement Hard
            Add-UsageRecord api 1e9
            Test-UsageQuota api 1e9 -WarningVariable warning | Should -BeTrue
            $warning | Should -BeNullOrEmpty
        }

        It 'answers for one more by default' {
            Set-UsageQuota api 3 -Enforcement Hard
            Add-UsageRecord api 2
            Test-UsageQuota api | Should -BeTrue
            Add-UsageRecord api
            Test-UsageQuota api | Should -BeFalse
            Test-UsageQuota API 0 | Should -BeTrue
            Add-UsageRecord api
            Test-UsageQuota api 0 | Should -BeFalse
        }

        It 'says yes up to the limit itself and no beyond it: <Quantity>' -ForEach @(
            @{ Quantity = 0.5; Fits = $true }, @{ Quantity = '0.5'; Fits = $true }, @{ Quantity = '0.500000000000000001'; Fits = $false }
            @{ Quantity = 0.25; Fits = $true }, @{ Quantity = 1; Fits = $false }
        ) {
            Set-UsageQuota compute 1.5 -Enforcement Hard
            Add-UsageCompute 3600
            Test-UsageQuota compute $Quantity | Should -Be $Fits
            Test-UsageQuota -Service compute -Quantity $Quantity | Should -Be $Fits
        }

        It 'has limits of half a unit' {
            Set-UsageQuota compute 0.5 -Enforcement Hard
            Test-UsageQuota compute | Should -BeFalse
            Test-UsageQuota compute 0.5 | Should -BeTrue
            Add-UsageCompute 900
            Test-UsageQuota compute 0.25 | Should -BeTrue
            Test-UsageQuota compute 0.26 | Should -BeFalse
        }

        It 'gives a soft quota a yes with a warning' {
            Set-UsageQuota bandwidth 100
            Add-UsageRecord bandwidth 81.5
            Test-UsageQuota bandwidth 50 -WarningVariable warning -WarningAction SilentlyContinue | Should -BeTrue
            "$warning" | Should -Be "50 more GB of bandwidth are beyond the quota of '$customer': 81.5 of 100 are used."
            Test-UsageQuota bandwidth 18.5 -WarningVariable warning | Should -BeTrue
            $warning | Should -BeNullOrEmpty
        }

        It 'gives a hard quota a no, and the reason with -Verbose' {
            Set-UsageQuota api 100 -Enforcement Hard
            Add-UsageRecord api 78
            $answer = Test-UsageQuota api 23 -Verbose 4>&1
            $answer[0].Message | Should -Be "23 more requests of api are beyond the quota of '$customer': 78 of 100 are used."
            $answer[1] | Should -BeFalse
            @(Test-UsageQuota api 23 -WarningVariable warning).Count | Should -Be 1
            $warning | Should -BeNullOrEmpty
        }

        It 'takes no part in what is recorded: usage beyond a hard limit is kept' {
            Set-UsageQuota api 1 -Enforcement Hard
            Add-UsageRecord api 5
            $null = Invoke-UsageFlush
            Invoke-Sql $store "select quantity from billing_usage_records where customer_id = '$customer'" | Should -Be 5
            Invoke-Sql $store 'select count(*) from usage_rejected_records' | Should -Be 0
        }

        It 'counts what waits in the queue, without storing it' {
            Set-UsageQuota api 10 -Enforcement Hard -TimeZone UTC
            Set-UsageOption -BatchTimeout 60 -BatchSize 1000
            try {
                Add-UsageRecord api 4
                $null = Invoke-UsageFlush
                Add-UsageRecord api 3
                Add-UsageRecord API 2
                Add-UsageRecord compute 50 # another service
                Add-UsageRecord api 60 -CustomerId "$customer-2" # another customer
                Add-UsageRecord api 70 -Timestamp (Get-Day 0).AddMonths(-1) # another period
                Test-UsageQuota api 1 | Should -BeTrue
                Test-UsageQuota api 1.001 | Should -BeFalse
                Invoke-Sql $store "select count(*) from billing_usage_records where customer_id like '$customer%'" | Should -Be 1
                (Get-UsageQueue | Where-Object Owner -EQ $PID).Records | Measure-Object -Sum | ForEach-Object Sum | Should -BeGreaterOrEqual 5
            }
            finally {
                $null = Invoke-UsageFlush
                Set-UsageOption -BatchTimeout 5 -BatchSize 100
            }
            # Stored, it is not counted twice.
            Test-UsageQuota api 1 | Should -BeTrue
            Test-UsageQuota api 1.001 | Should -BeFalse
        }

        It 'counts of what waits only what is in hours that count' {
            Set-UsageQuota bandwidth 10 -Enforcement Hard @anchor -CountHours 9-18
            Set-UsageOption -BatchTimeout 60 -BatchSize 1000
            try {
                Add-UsageRecord bandwidth 4 -Timestamp (Get-Day -1).AddHours(9)
                Add-UsageRecord bandwidth 500 -Timestamp (Get-Day -1).AddHours(18)
                Test-UsageQuota bandwidth 6 | Should -BeTrue
                Test-UsageQuota bandwidth 6.1 | Should -BeFalse
                Invoke-Sql $store "select count(*) from billing_usage_records where customer_id = '$customer'" | Should -Be 0
            }
            finally { Set-UsageOption -BatchTimeout 5 -BatchSize 100 }
        }

        It 'is not misled by records that are stored while it looks' {
            Set-UsageQuota api 1000 -Enforcement Hard
            Set-UsageOption -BatchSize 7
            try {
                # Each record is counted once at every moment, stored or not.
                $wrong = foreach ($i in 1..60) {
                    1..10 | ForEach-Object { Add-UsageRecord api }
                    if (-not (Test-UsageQuota api (1000 - 10 * $i))) { "too much at $i" }
                    if (Test-UsageQuota api (1001 - 10 * $i)) { "too little at $i" }
                }
            }
            finally { Set-UsageOption -BatchSize 100 }
            $wrong | Should -BeNullOrEmpty
        }

        It 'adds a quantity of storage to what was kept on average' {
            Set-UsageQuota storage 20 -Enforcement Hard @anchor
            $hours = ([datetimeoffset]::UtcNow - $start).TotalHours
            Add-UsageRecord storage (10 * $hours) -Timestamp $start
            # A little less than 10 by now.
            Test-UsageQuota storage 10 | Should -BeTrue
            Test-UsageQuota storage 10.01 | Should -BeFalse
        }

        It 'asks a plan''s quota too' {
            Add-Plan $store $customer "p-$customer" "'api', 10, null, 'hard', 'monthly'", "'compute', 1, null, 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
            Add-UsageRecord api 8
            Test-UsageQuota api 2 | Should -BeTrue
            Test-UsageQuota api 3 | Should -BeFalse
            Test-UsageQuota compute 3 -WarningVariable warning -WarningAction SilentlyContinue | Should -BeTrue
            "$warning" | Should -BeLike '3 more CPU-hours*'
        }

        It 'says yes, and why, where usage cannot be held against the limit' {
            Add-Plan $store $customer "p-$customer" "'database', 1, 'connections', 'hard', 'monthly'" -Start $start -End $start.AddMonths(1)
            Add-UsageRecord database 50
            Test-UsageQuota database 50 -WarningVariable warning -WarningAction SilentlyContinue | Should -BeTrue
            "$warning" | Should -BeLike "*counts connections, which usage in queries cannot be held against*"
        }

        It 'counts carry-over and top-ups' {
            Set-UsageQuota api 100 -Period Daily -CarryOver 10 -Enforcement Hard -From (Get-Day -1)
            Test-UsageQuota api 110 | Should -BeTrue
            Test-UsageQuota api 111 | Should -BeFalse
            Add-UsageAllowance api 5
            Test-UsageQuota api 115 | Should -BeTrue
            Test-UsageQuota api 116 | Should -BeFalse
        }

        It 'takes objects down the pipeline, and answers for each' {
            Set-UsageQuota api 10 -Enforcement Hard
            Set-UsageQuota api 1 -Enforcement Hard -CustomerId "$customer-2"
            [pscustomobject]@{ Service = 'api'; Quantity = 10 }, [pscustomobject]@{ Service = 'api'; Quantity = 11 },
            [pscustomobject]@{ Service = 'api'; Quantity = 2; CustomerId = "$customer-2" } | Test-UsageQuota | Should -Be $true, $false, $false
        }

        It 'refuses <Quantity>, and then gives no answer' -ForEach @(
            @{ Quantity = '1,5' }, @{ Quantity = -1 }, @{ Quantity = '-0.1' }, @{ Quantity = $null }, @{ Quantity = '' }, @{ Quantity = 'some' }, @{ Quantity = 1, 5 }
        ) {
            $answer = Test-UsageQuota api $Quantity -ErrorAction SilentlyContinue -ErrorVariable errors
            $answer | Should -BeNullOrEmpty
            $errors.FullyQualifiedErrorId | Should -BeLike 'InvalidQuantity,*'
        }

        It 'knows no service nosuch, and no wildcards' {
            Test-UsageQuota nosuch -ErrorAction SilentlyContinue -ErrorVariable errors | Should -BeNullOrEmpty
            $errors.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            { Test-UsageQuota a* } | Should -Throw -ErrorId 'UnknownService,*'
            Test-UsageQuota api -CustomerId nobody | Should -BeTrue
        }

        It 'gives no answer where a store that was there has gone' {
            Set-UsageQuota api 100
            $lost = Get-TestAddress $store
            $seen = Invoke-OtherPwsh -ArgumentList $lost, $store.Kind {
                param($address, $kind)
                if ($kind -eq 'PostgreSql') {
                    # The server is reached no more.
                    $address = @{ ConnectionString = $address.ConnectionString -replace 'Port=\d+', 'Port=1' }
                }
                else {
                    # There is a folder where the file should be.
                    $address = @{ Path = (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid()))).FullName }
                }
                Connect-UsageStore @address -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
                $output = 'none'
                try { Test-UsageQuota api -ErrorAction SilentlyContinue | ForEach-Object { $output = "$_" } }
                catch { "$($_.FullyQualifiedErrorId -replace ',.*')" }
                $output
            }
            $seen[0] | Should -BeIn 'StoreUnavailable', 'StoreRefused'
            $seen[1] | Should -Be none
        }
    }
}

Describe 'Test-UsageQuota' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away, and gives no answer' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        $output = [System.Collections.Generic.List[object]]::new()
        { Test-UsageQuota api -ErrorAction SilentlyContinue | ForEach-Object { $output.Add($_) } } | Should -Throw -ErrorId 'StoreUnavailable,*'
        $output.Count | Should -Be 0
    }
}
