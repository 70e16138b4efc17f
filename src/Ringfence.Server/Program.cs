Console.WriteLine("ringfence");
